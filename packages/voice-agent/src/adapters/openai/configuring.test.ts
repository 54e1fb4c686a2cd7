import { describe, expect, it } from 'vitest';
import { agentSchema } from '@onhook/contracts';
import { systemClock } from '@onhook/service';
import { anOpenSession } from '../../conformance/index.js';
import { agentAt, useBench } from './testing/bench.js';

type Formats = Readonly<Record<'input' | 'output', { readonly format: { readonly type: string } }>>;

describe('opening a session with OpenAI', () => {
  const bench = useBench();

  it('connects with the key, the model, call id and attempt, and without the beta header', async () => {
    const request = anOpenSession();
    bench.session = agentAt(bench.fixture.url).open(request, bench.record.events);
    await bench.until(() => bench.record.of('ready').length === 1);
    const { headers, url } = bench.fixture.session();
    expect(url).toBe('/v1/realtime?model=gpt-realtime-2.1');
    expect(headers).toMatchObject({
      authorization: 'Bearer sk-test',
      'x-onhook-call-id': request.callId,
      'x-onhook-attempt': '1',
    });
    expect(headers['openai-beta']).toBeUndefined();
    expect(headers['sec-websocket-extensions']).toBeUndefined();
    expect(bench.record.seen[0]).toEqual(['ready', { sessionId: 'sess_1', expiresInMs: 3_600_000 }]);
  });

  it.each([
    ['the moment that the provider tells', 900, 900_000],
    ['an hour at most, whatever it tells', 7_200, 3_600_000],
    ['an hour, if by its clock it would be over already', -5, 3_600_000],
  ])('expects the session to last: %s', async (_, seconds, expected) => {
    bench.fixture.behaves({ configures: false });
    bench.session = agentAt(bench.fixture.url).open(anOpenSession(), bench.record.events);
    await bench.until(() => bench.fixture.sessions.length === 1 && bench.sent('session.update').length === 1);
    const expires_at = systemClock.now() / 1_000 + seconds;
    bench.fixture.session().send({ type: 'session.updated', session: { id: 'sess_1', expires_at } });
    await bench.until(() => bench.record.of('ready').length === 1);
    const { expiresInMs } = bench.record.of('ready')[0]![1];
    expect(Math.abs((expiresInMs ?? 0) - expected)).toBeLessThan(5_000);
  });

  it('leaves a model that stands in the URL as it is', async () => {
    bench.session = agentAt(`${bench.fixture.url}?model=mine%23script=never-ends`).open(anOpenSession(), bench.record.events);
    await bench.until(() => bench.record.of('ready').length === 1);
    expect(bench.fixture.session().url).toBe('/v1/realtime?model=mine%23script=never-ends');
  });

  it('configures the session once, with nothing in it that the provider would refuse', async () => {
    const agent = agentSchema.parse({
      id: 'demo',
      name: 'Demo',
      instructions: 'Be kind to {{name}}.',
      greeting: 'Hello.',
      language: 'en-GB',
      voice: 'cedar',
      temperature: 0.8,
    });
    await bench.begin({ agent });
    expect(bench.sent('session.update').map(({ session: config }) => config)).toEqual([
      {
        type: 'realtime',
        instructions: 'Be kind to Kim.',
        output_modalities: ['audio'],
        audio: {
          input: {
            format: { type: 'audio/pcmu' },
            transcription: { model: 'gpt-4o-mini-transcribe', language: 'en' },
            turn_detection: {
              type: 'server_vad',
              threshold: 0.5,
              prefix_padding_ms: 300,
              silence_duration_ms: 500,
              create_response: true,
              interrupt_response: true,
            },
          },
          output: { format: { type: 'audio/pcmu' }, voice: 'cedar' },
        },
        tools: [
          { type: 'function', name: 'end_call', description: 'End the call.', parameters: { type: 'object', properties: {} } },
        ],
        tool_choice: 'auto',
      },
    ]);
  });

  it('says µ-law for both directions in each update of a session, also of one that takes over (agents-js #122)', async () => {
    const agent = await bench.begin({ resume: { lines: [{ role: 'agent', text: 'Hello.' }], respond: true } });
    agent.toolResult('call_1', 'ok', { respond: true });
    agent.say('Goodbye.', { exact: true, last: true });
    await bench.settled();
    const updates = bench.sent('session.update').map(({ session }) => (session as { audio: Formats }).audio);
    expect(updates.length).toBeGreaterThan(0);
    for (const { input, output } of updates)
      expect([input.format.type, output.format.type]).toEqual(['audio/pcmu', 'audio/pcmu']);
    // A response may bring formats of its own: ours do not.
    for (const { response } of bench.sent('response.create')) expect(response ?? {}).not.toHaveProperty('audio');
  });

  it('passes the callee on as frames put together by hand', async () => {
    const agent = await bench.begin();
    const shared = Uint8Array.from({ length: 480 }, (_, i) => i % 256);
    agent.hear(shared.subarray(160, 320));
    await bench.until(() => bench.fixture.session().appended.length === 1);
    expect(bench.fixture.session().appended[0]).toBe(
      JSON.stringify({ type: 'input_audio_buffer.append', audio: Buffer.from(shared.subarray(160, 320)).toString('base64') }),
    );
  });

  it('keeps no more than 10 s of what it hears before it is ready, the newest', async () => {
    bench.fixture.behaves({ configures: false });
    bench.session = agentAt(bench.fixture.url).open(anOpenSession(), bench.record.events);
    for (let i = 0; i < 600; i++) bench.session.hear(new Uint8Array(160).fill(i % 256));
    await bench.until(() => bench.fixture.sessions.length === 1);
    await bench.until(() => bench.sent('session.update').length === 1);
    bench.fixture.session().send({ type: 'session.updated', session: { id: 'sess_1' } });
    await bench.until(() => bench.fixture.session().appended.length === 500);
    const first = Buffer.from((JSON.parse(bench.fixture.session().appended[0]!) as { audio: string }).audio, 'base64');
    expect(first[0]).toBe(100);
  });
});
