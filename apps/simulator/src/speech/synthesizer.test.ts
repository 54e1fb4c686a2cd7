import { silentLogger, systemTimers } from '@onhook/service';
import { createVirtualTime } from '@onhook/service/virtual-time';
import { describe, expect, it } from 'vitest';
import { createSynthesizer } from './synthesizer.js';

const workerOf = (code: string): URL =>
  new URL(`data:text/javascript,${encodeURIComponent(`import { parentPort } from 'node:worker_threads';${code}`)}`);

describe('the synthesizer', () => {
  it('fails loudly when its worker falls over, and starts another one for the next line', async () => {
    const program = workerOf(`parentPort.on('message', ({ id, text }) => {
      if (text === 'die') process.exit(3);
      if (text === 'throw') throw new Error('out of memory');
      parentPort.postMessage({ id, wav: new Uint8Array([1]) });
    });`);
    const synthesizer = createSynthesizer({ timers: systemTimers, logger: silentLogger, program });
    expect(await synthesizer.synthesize('speak', 'slt')).toEqual(new Uint8Array([1]));
    await expect(synthesizer.synthesize('die', 'slt')).rejects.toMatchObject({
      code: 'synthesis-failed',
      message: 'speech worker ended with 3',
    });
    await expect(synthesizer.synthesize('throw', 'slt')).rejects.toMatchObject({
      code: 'synthesis-failed',
      message: 'out of memory',
    });
    expect(await synthesizer.synthesize('speak', 'slt')).toEqual(new Uint8Array([1]));
    await synthesizer.close();
  });

  it('does not wait for ever for a worker that hangs', async () => {
    const time = createVirtualTime();
    const synthesizer = createSynthesizer({
      timers: time,
      logger: silentLogger,
      program: workerOf(`parentPort.on('message', () => {});`),
    });
    const waiting = synthesizer.synthesize('speak', 'slt');
    await Promise.all([expect(waiting).rejects.toMatchObject({ code: 'synthesis-failed' }), time.advance(60_000)]);
    await synthesizer.close();
  });

  it('names a program that cannot be started', async () => {
    const synthesizer = createSynthesizer({
      timers: systemTimers,
      logger: silentLogger,
      program: new URL('file:///does/not/exist.mjs'),
    });
    await expect(synthesizer.synthesize('speak', 'slt')).rejects.toMatchObject({ code: 'synthesis-failed' });
    await synthesizer.close();
  });
});
