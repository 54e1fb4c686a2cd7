import { muLawWavHeader } from '@onhook/audio';
import { agentSchema, type Agent } from '@onhook/contracts';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { GreetingsError, readGreetings } from './greetings.js';

const agents = (...files: (string | undefined)[]): Map<string, Agent> =>
  new Map(
    files.map((greetingAudio, n) => [
      `a${n}`,
      agentSchema.parse({
        id: `a${n}`,
        name: 'A',
        instructions: 'Talk.',
        greeting: 'Hello.',
        ...(greetingAudio && { greetingAudio }),
      }),
    ]),
  );

describe('prepared greetings', () => {
  let dir = '';
  beforeAll(() => {
    dir = mkdtempSync(path.join(tmpdir(), 'onhook-greetings-'));
    mkdirSync(path.join(dir, 'audio'));
    const audio = new Uint8Array(1_600).fill(0x21);
    writeFileSync(path.join(dir, 'audio/hello.wav'), Buffer.concat([muLawWavHeader({ channels: 1, frames: 1_600 }), audio]));
    writeFileSync(path.join(dir, 'music.wav'), 'RIFF of another kind');
  });
  afterAll(() => rmSync(dir, { recursive: true }));

  it('are read once, for the agents that have one', () => {
    const greetings = readGreetings(dir, agents('audio/hello.wav', undefined));
    expect([...greetings].map(([id, audio]) => [id, audio.length])).toEqual([['a0', 1_600]]);
  });

  it('that cannot be played stop the start, all named at once', () => {
    const read = (): unknown => readGreetings(dir, agents('music.wav', 'gone.wav', 'audio/hello.wav'));
    expect(read).toThrow(GreetingsError);
    expect(read).toThrow(/a0: greetingAudio: music\.wav must be .*\n.*a1: greetingAudio: gone\.wav cannot be read \(ENOENT\)/);
  });
});

describe('the greeting of an agent file', () => {
  const base = { id: 'a', name: 'A', instructions: 'Talk.', greeting: 'Hello.' };
  it.each(['../secret.wav', '/etc/hello.wav', 'a/../../b.wav', 'hello.mp3', '.hidden.wav', ''])(
    'is not taken from %j',
    (greetingAudio) => expect(agentSchema.safeParse({ ...base, greetingAudio }).success).toBe(false),
  );
  it('cannot be recorded if it differs from call to call', () => {
    const given = { ...base, greetingAudio: 'hello.wav', greeting: 'Hello {{name}}.' };
    expect(agentSchema.safeParse(given).error?.issues[0]).toMatchObject({ path: ['greetingAudio'] });
    expect(agentSchema.safeParse({ ...given, greeting: 'Hello.' }).success).toBe(true);
  });
});
