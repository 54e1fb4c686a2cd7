import type { CallId, CallView, Transcript } from '@onhook/contracts';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { dialed, startTestApi, type TestApi } from './testing/test-api.js';

const transcript: Transcript = {
  v: 1,
  attempt: 1,
  lines: [
    { who: 'agent', text: 'Hello, we are', cleared: 'open on Monday.', fromMs: 320, toMs: 1_400 },
    { who: 'callee', text: 'I know.', fromMs: 1_380, toMs: 2_000 },
    { who: 'agent', text: 'Goodbye.', fromMs: 2_700, toMs: 3_400, latencyMs: 700 },
  ],
  truncated: false,
};

describe('the transcript of a call', () => {
  let test: TestApi;
  beforeAll(async () => {
    test = await startTestApi();
  });
  afterAll(() => test.stop());

  it('is given as it was heard, with what was silenced told apart', async () => {
    const { body: call } = await test.create();
    await test.store.transcripts.save(call.id as CallId, transcript);
    const { status, body, headers } = await test.send<{ data: unknown }>('GET', call.links.transcript);
    expect(status).toBe(200);
    expect(body).toEqual({ attempt: 1, truncated: false, data: transcript.lines });
    expect(headers.get('cache-control')).toBe('no-store');
  });

  it('is text for people who ask for text, with what was not heard told apart', async () => {
    const { body: call } = await test.create();
    await test.store.transcripts.save(call.id as CallId, transcript);
    const { status, text, headers } = await test.send('GET', call.links.transcript, undefined, { accept: 'text/plain' });
    expect([status, headers.get('content-type'), headers.get('vary')]).toEqual([200, 'text/plain; charset=utf-8', 'Accept']);
    expect(text).toBe(
      '[00:00.320] agent: Hello, we are [not heard: open on Monday.]\n[00:01.380] callee: I know.\n[00:02.700] agent: Goodbye.\n',
    );
  });

  it('is WebVTT for players, in which no word of anybody is a tag, a new cue or a line', async () => {
    const { body: call } = await test.create();
    const lines = [
      {
        who: 'callee' as const,
        text: '<script>alert(1)</script>\n\n00:00:00.000 --> 99:00:00.000\n& more',
        fromMs: 3_723_004,
        toMs: 3_723_004,
      },
      { who: 'agent' as const, text: '', cleared: '<b>bold</b>', fromMs: 3_724_000, toMs: 3_725_000 },
    ];
    await test.store.transcripts.save(call.id as CallId, { ...transcript, lines, truncated: true });
    const { text, headers } = await test.send('GET', call.links.transcript, undefined, { accept: 'text/vtt' });
    expect(headers.get('content-type')).toBe('text/vtt; charset=utf-8');
    expect(headers.get('x-content-type-options')).toBe('nosniff');
    expect(text).toBe(
      [
        'WEBVTT',
        '',
        '01:02:03.004 --> 01:02:03.005',
        '<v callee>&lt;script&gt;alert(1)&lt;/script&gt; 00:00:00.000 --&gt; 99:00:00.000 &amp; more</v>',
        '',
        '01:02:04.000 --> 01:02:05.000',
        '<v agent><c.unheard>&lt;b&gt;bold&lt;/b&gt;</c></v>',
        '',
        'NOTE the call was longer than what is kept of it',
        '',
      ].join('\n'),
    );
  });

  it.each(['*/*', 'application/json, text/vtt;q=0.5', 'image/png'])('is JSON for who accepts %s', async (accept) => {
    const { body: call } = await test.create();
    await test.store.transcripts.save(call.id as CallId, transcript);
    const { body } = await test.send<{ data: unknown }>('GET', call.links.transcript, undefined, { accept });
    expect(body.data).toEqual(transcript.lines);
  });

  it('is not there for a call that was not answered, and nothing is there without a call', async () => {
    const { body: call } = await test.create();
    expect(await test.send('GET', `/v1/calls/${call.id}/transcript`)).toMatchObject({
      status: 404,
      body: { code: 'transcript-not-ready' },
    });
    expect(await test.send('GET', '/v1/calls/call_a_00000000000000000000000000/transcript')).toMatchObject({
      status: 404,
      body: { code: 'not-found' },
    });
  });

  it('is nobody’s without a key', async () => {
    const { body: call } = await test.create();
    const { status } = await test.send('GET', call.links.transcript, undefined, { authorization: 'Bearer nothing' });
    expect(status).toBe(401);
  });
});

describe('the latency of a call', () => {
  let test: TestApi;
  beforeAll(async () => {
    test = await startTestApi();
  });
  afterAll(() => test.stop());

  it('is unknown until its gateway has told it, and then a few numbers', async () => {
    const { body: call } = await test.create();
    expect(call.latency).toBeNull();
    await dialed(test, call.id);
    const turnLatencyMs = [900, 400, 500, 600, 700, 800, 1_000, 1_100, 1_200, 5_000];
    const measured = { answerToFirstAudioMs: 410, turnLatencyMs };
    await test.store.calls.apply(call.id as CallId, { type: 'noted', source: 'gateway', n: 1, measured });
    const { body } = await test.send<CallView>('GET', call.links.self);
    expect(body.latency).toEqual({ answerToFirstAudioMs: 410, turns: 10, turnMs: { p50: 800, p90: 1_200, max: 5_000 } });
  });
});
