import { createPcmVoice, encodeMuLaw } from '@onhook/audio';
import { systemTimers } from '@onhook/service';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { anOpenSession, recordEvents, startOpenAiFixture, type OpenAiFixture } from '../../conformance/index.js';
import type { VoiceAgentSession } from '../../port.js';
import { agentAt } from './testing/bench.js';

let fixture: OpenAiFixture;
let record: ReturnType<typeof recordEvents>;
let session: VoiceAgentSession;

async function until(condition: () => boolean): Promise<void> {
  for (let i = 0; i < 200 && !condition(); i++) await systemTimers.sleep(10);
  expect(condition()).toBe(true);
}

const heardBytes = (): number => record.of('audio').reduce((sum, [, audio]) => sum + audio.length, 0);

beforeEach(async () => {
  fixture = await startOpenAiFixture();
  record = recordEvents();
  session = agentAt(fixture.url, systemTimers, 5_000, 24_000).open(anOpenSession(), record.events);
  await until(() => record.of('ready').length === 1);
});
afterEach(async () => {
  session.close('test over');
  await fixture.stop();
});

/** 100 ms of a tone, as the telephone has it, and as a provider of 24 kHz says it. */
const telephone = Uint8Array.from({ length: 800 }, (_, i) => encodeMuLaw(8_000 * Math.sin((2 * Math.PI * 500 * i) / 8_000)));
const voice = createPcmVoice(24_000);
const pcm = Buffer.concat([voice.toPcm(telephone), voice.toPcm(new Uint8Array(18).fill(0xff))]);

describe('a provider that speaks linear PCM', () => {
  it('is configured for it, both ways', () => {
    const update = fixture.session().events.find(({ type }) => type === 'session.update') as unknown as {
      session: { audio: { input: { format: unknown }; output: { format: unknown } } };
    };
    const { input, output } = update.session.audio;
    expect([input.format, output.format]).toEqual(Array.from({ length: 2 }, () => ({ type: 'audio/pcm', rate: 24_000 })));
  });

  it('hears the callee at its own rate, as one stream', async () => {
    for (let at = 0; at < telephone.length; at += 160) session.hear(telephone.subarray(at, at + 160));
    await until(() => fixture.session().appended.length === 5);
    const heard = fixture
      .session()
      .appended.map((frame) => Buffer.from((JSON.parse(frame) as { audio: string }).audio, 'base64'));
    expect(Buffer.concat(heard).equals(Buffer.from(createPcmVoice(24_000).toPcm(telephone)))).toBe(true);
  });

  it('is heard as µ-law, as long as it spoke to the millisecond, however its audio is cut', async () => {
    fixture.session().startResponse();
    for (let at = 0; at < pcm.length; at += 1_001) fixture.session().audio(pcm.subarray(at, at + 1_001));
    fixture.session().endResponse();
    await until(() => record.of('audioDone').length === 1);
    expect(heardBytes()).toBe(800);
    expect(record.seen.filter(([name]) => name === 'audio' || name === 'audioDone').at(-1)?.[0]).toBe('audioDone');
  });

  it('is truncated in milliseconds of what was said, and what follows begins without a rest of it', async () => {
    const turnId = fixture.session().startResponse();
    fixture.session().audio(pcm);
    await until(() => record.of('audio').length > 0);
    const { itemId } = record.of('audio')[0]![2];
    session.interrupt({ itemId, heardMs: 5_000 });
    await until(() => fixture.session().events.some(({ type }) => type === 'conversation.item.truncate'));
    const truncated = fixture.session().events.find(({ type }) => type === 'conversation.item.truncate');
    expect(truncated?.['audio_end_ms']).toBeLessThanOrEqual(100);
    expect(turnId).toMatch(/^resp_/);
    fixture.session().endResponse('cancelled');
    await until(() => record.of('turnDone').length === 1);
    const before = heardBytes();
    fixture.session().startResponse();
    fixture.session().audio(pcm);
    fixture.session().endResponse();
    await until(() => record.of('turnDone').length === 2);
    expect(heardBytes() - before).toBe(800);
  });
});
