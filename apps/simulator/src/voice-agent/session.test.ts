import { silentLogger } from '@onhook/service';
import { createSeededChance, createVirtualTime } from '@onhook/service/virtual-time';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Speech } from '../speech/index.js';
import { readClientEvent } from './client-events.js';
import { createScriptTable } from './scripts.js';
import { openSession, type Session } from './session.js';
import { gatewaySession } from './test-adapter.js';
import { createIds } from './wire.js';

interface Sent {
  type: string;
  [field: string]: unknown;
}

/** A session on a virtual clock, whose lines are a second of silence. */
function createSession(): { session: Session; sent: Sent[]; time: ReturnType<typeof createVirtualTime>; types: () => string[] } {
  const time = createVirtualTime();
  const chance = createSeededChance(3, time);
  const sent: Sent[] = [];
  const speech: Speech = {
    line: (text, voice = 'slt') => Promise.resolve({ text, voice, audio: new Uint8Array(8000).fill(0xff), durationMs: 1000 }),
    createListener: () => ({ hear: () => undefined, flush: () => undefined }),
    close: () => Promise.resolve(),
  };
  const scripts = createScriptTable();
  const session = openSession('sess_1', {
    send: (type, facts) => sent.push({ ...(structuredClone(facts) as Record<string, unknown>), type }),
    ledger: { write: () => undefined },
    speech,
    scripts,
    chance,
    clock: time,
    timers: time,
    logger: silentLogger,
    newId: createIds(chance),
    script: scripts.default(),
    choice: { model: 'gpt-realtime', faults: {} },
    maxSessionMs: 3_600_000,
    vad: 'fvad',
    draws: { turns: () => 0, failures: () => chance.fraction() },
    onScript: () => undefined,
  });
  return { session, sent, time, types: () => sent.map(({ type }) => type) };
}
const say = (session: Session, type: string, fields: Record<string, unknown> = {}): void =>
  session.receive(JSON.stringify({ type, ...fields }));

describe('a session', () => {
  it('shows its configuration, and changes only what an update names', () => {
    const { session, sent } = createSession();
    expect(sent[0]).toMatchObject({
      type: 'session.created',
      session: { object: 'realtime.session', audio: { input: { format: { type: 'audio/pcm', rate: 24_000 } } } },
    });
    say(session, 'session.update', { session: gatewaySession });
    say(session, 'session.update', { session: { type: 'realtime', audio: { input: { transcription: null } }, tools: [] } });
    expect(sent.at(-1)).toMatchObject({
      session: {
        instructions: gatewaySession.instructions,
        tools: [],
        audio: {
          input: {
            format: { type: 'audio/pcmu' },
            transcription: null,
            turn_detection: { threshold: 0.5, silence_duration_ms: 500, create_response: true },
          },
          output: { voice: 'marin', format: { type: 'audio/pcmu' } },
        },
      },
    });
  });

  it('speaks first when nobody does within idle_timeout_ms after its audio has been played', async () => {
    const { session, time, types } = createSession();
    const input = { ...gatewaySession.audio.input, turn_detection: { type: 'server_vad', idle_timeout_ms: 6000 } };
    say(session, 'session.update', { session: { ...gatewaySession, audio: { ...gatewaySession.audio, input } } });
    say(session, 'response.create');
    await time.advance(400);
    expect(types()).toContain('response.done');
    await time.advance(6600);
    expect(types()).not.toContain('input_audio_buffer.timeout_triggered');
    await time.advance(400);
    expect(types().slice(-12)).toContain('input_audio_buffer.timeout_triggered');
    expect(types().filter((type) => type === 'response.created')).toHaveLength(2);
    session.end();
  });

  it('generates audio faster than real time, at the pace of its script', async () => {
    const { session, time, types } = createSession();
    say(session, 'session.update', { session: gatewaySession });
    say(session, 'response.create');
    await time.advance(150 + 100);
    expect(types()).not.toContain('response.done');
    await time.advance(1000 / 6 - 100);
    expect(types()).toContain('response.done');
  });

  it('says nothing more when its socket is gone', async () => {
    const { session, time, sent } = createSession();
    say(session, 'session.update', { session: gatewaySession });
    say(session, 'response.create');
    await time.advance(200);
    session.end();
    const before = sent.length;
    await time.advance(100_000);
    expect(sent.length).toBe(before);
  });

  it('survives whatever is sent: it answers with an event or an error, and never throws', async () => {
    const id = fc.constantFrom('item_a', 'item_b', 'resp_x', 'root');
    const type = fc.constantFrom(
      'session.update',
      'input_audio_buffer.append',
      'input_audio_buffer.commit',
      'input_audio_buffer.clear',
      'response.create',
      'response.cancel',
      'conversation.item.create',
      'conversation.item.truncate',
      'conversation.item.delete',
      'conversation.item.retrieve',
    );
    const message = fc.record({
      id,
      type: fc.constant('message'),
      role: fc.constantFrom('user', 'system', 'assistant'),
      content: fc.constant([{ type: 'input_text', text: 'hi' }]),
    });
    const fields = {
      session: fc.oneof(fc.constant(gatewaySession), fc.jsonValue()),
      response: fc.oneof(fc.constantFrom({}, { conversation: 'none' }, { max_output_tokens: 1 }), fc.jsonValue()),
      audio: fc.oneof(fc.base64String({ maxLength: 4000 }), fc.string()),
      item: fc.oneof(message, fc.jsonValue()),
      item_id: id,
      content_index: fc.constant(0),
      audio_end_ms: fc.integer({ min: -1, max: 2000 }),
    };
    const of = (name: string, ...own: (keyof typeof fields)[]) =>
      fc.record(Object.fromEntries([['type', fc.constant(name)], ...own.map((field) => [field, fields[field]] as const)]));
    const event = fc.oneof(
      // What its event may have and no more: else nearly all would be refused at the door.
      of('session.update', 'session'),
      of('input_audio_buffer.append', 'audio'),
      of('response.create', 'response'),
      of('response.create'),
      of('response.cancel'),
      of('conversation.item.create', 'item'),
      of('conversation.item.truncate', 'item_id', 'content_index', 'audio_end_ms'),
      of('conversation.item.delete', 'item_id'),
      fc.record({ type, event_id: fc.string({ maxLength: 9 }), ...fields }, { requiredKeys: ['type'] }),
    );
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.tuple(fc.oneof(event, fc.jsonValue()), fc.integer({ min: 0, max: 400 })), { maxLength: 15 }),
        async (frames) => {
          const { session, time, sent } = createSession();
          for (const [frame, waitMs] of frames) {
            session.receive(JSON.stringify(frame));
            await time.advance(waitMs);
          }
          await time.advance(20_000);
          const count = (wanted: string): number => sent.filter((one) => one.type === wanted).length;
          expect(count('response.done')).toBe(count('response.created'));
          expect(count('conversation.item.done')).toBe(count('conversation.item.added'));
          session.end();
        },
      ),
      { numRuns: 150 },
    );
  });

  it('ends a response at its limit of tokens as incomplete, with what was begun', async () => {
    const { session, sent, time, types } = createSession();
    say(session, 'response.create', { response: { max_output_tokens: 10, instructions: 'Say exactly: Hello there.' } });
    await time.advance(5_000);
    const done = sent.find((one) => one.type === 'response.done');
    expect(done).toMatchObject({
      response: {
        status: 'incomplete',
        status_details: { type: 'incomplete', reason: 'max_output_tokens' },
        output: [{ type: 'message', status: 'incomplete' }],
      },
    });
    const ending = ['response.output_audio.done', 'response.output_item.done', 'response.done', 'rate_limits.updated'];
    expect(types().filter((type) => ending.includes(type))).toEqual(ending);
    // Half a second of sound: ten tokens, and the delta in which they were reached.
    const spoken = sent.filter((one) => one.type === 'response.output_audio.delta');
    expect(spoken.length).toBeLessThan(12);
  });

  it('reads any text as an event or a problem', () => {
    fc.assert(
      fc.property(fc.oneof(fc.string(), fc.json()), (frame) => {
        expect(Object.keys(readClientEvent(frame)).length).toBeGreaterThan(0);
      }),
    );
  });
});
