import { MU_LAW_SILENCE, readMuLawWav } from '@onhook/audio';
import type { CallId, CarrierCallId, GatewayId, StreamSid } from '@onhook/contracts';
import { createMemoryRecordings } from '@onhook/recordings/memory';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { dialed, KEY, SID, startTestApi, type TestApi } from './testing/test-api.js';

const FRAMES = 1_001;
const stereo = Uint8Array.from({ length: FRAMES * 2 }, (_, i) => (i * 7) % 251);

describe('the recording of a call', () => {
  const recordings = createMemoryRecordings();
  let test: TestApi;
  let id: CallId;
  let path: string;
  beforeAll(async () => {
    test = await startTestApi({ recordings });
    id = await recorded();
    path = `/v1/calls/${id}/recording`;
  });
  afterAll(() => test.stop());

  async function bridged(): Promise<CallId> {
    const { body } = await test.create();
    await dialed(test, body.id);
    const callId = body.id as CallId;
    await test.store.calls.apply(callId, {
      type: 'stream-started',
      n: 1,
      sid: SID as CarrierCallId,
      streamSid: `MZ${'1'.repeat(32)}` as StreamSid,
      gatewayId: 'gw_01hf7yat00e008000000000000' as GatewayId,
      source: 'gateway',
    });
    return callId;
  }
  async function recorded(): Promise<CallId> {
    const callId = await bridged();
    const writer = recordings.open(callId, 1);
    writer.write(stereo);
    await writer.finish();
    await test.store.calls.apply(callId, { type: 'noted', n: 1, recordingMs: 125, source: 'gateway' });
    return callId;
  }
  async function get(where: string, headers: Record<string, string> = {}, method = 'GET') {
    const response = await fetch(test.url + where, { method, headers: { authorization: `Bearer ${KEY}`, ...headers } });
    return { status: response.status, headers: response.headers, bytes: new Uint8Array(await response.arrayBuffer()) };
  }

  it('is a WAV of both sides, and shown on the call', async () => {
    const { body } = await test.send<{ recording: unknown }>('GET', `/v1/calls/${id}`);
    expect(body.recording).toEqual({ status: 'ready', url: path });
    const { status, headers, bytes } = await get(path);
    expect([status, headers.get('content-type'), headers.get('accept-ranges')]).toEqual([200, 'audio/wav', 'bytes']);
    expect(headers.get('cache-control')).toBe('private, no-store');
    const wav = readMuLawWav(bytes)!;
    expect(wav.frames).toBe(FRAMES);
    expect(wav.channels).toHaveLength(2);
    expect(Number(headers.get('content-length'))).toBe(bytes.length);
  });

  it.each([
    ['callee', 0],
    ['customer', 0],
    ['agent', 1],
  ])('can be of one side alone: %s', async (channel, parity) => {
    const { bytes } = await get(`${path}?channel=${channel}`);
    const wav = readMuLawWav(bytes)!;
    expect(wav.channels).toHaveLength(1);
    expect(Buffer.from(wav.channels[0]!).equals(Buffer.from(stereo.filter((_, i) => i % 2 === parity)))).toBe(true);
  });

  it('of another channel is no recording', async () => {
    expect(await test.send('GET', `${path}?channel=both`)).toMatchObject({ status: 422, body: { code: 'validation-failed' } });
  });

  it.each(['stereo', 'agent'])('comes in the part that Range asks for: %s', async (channel) => {
    const where = `${path}?channel=${channel}`;
    const { bytes: whole, headers: all } = await get(where);
    for (const [range, from, until] of [
      ['bytes=0-3', 0, 4],
      ['bytes=57-60', 57, 61],
      ['bytes=100-', 100, whole.length],
      ['bytes=-7', whole.length - 7, whole.length],
      [`bytes=10-${whole.length + 5}`, 10, whole.length],
    ] as const) {
      const { status, headers, bytes } = await get(where, { range });
      expect([status, headers.get('content-range')]).toEqual([206, `bytes ${from}-${until - 1}/${whole.length}`]);
      expect(Buffer.from(bytes).equals(Buffer.from(whole.subarray(from, until)))).toBe(true);
    }
    const beyond = await get(where, { range: 'bytes=50000-' });
    expect([beyond.status, beyond.headers.get('content-range')]).toEqual([416, `bytes */${whole.length}`]);
    expect(beyond.headers.get('content-type')).toContain('application/problem+json');
    // Nobody must understand these: all of it is a right answer.
    for (const range of ['bytes=0-1,5-6', 'lines=1-2', 'bytes=x', 'bytes=9-2'])
      expect([200, 416]).toContain((await get(where, { range })).status);
    const etag = all.get('etag')!;
    expect((await get(where, { range: 'bytes=0-3', 'if-range': etag })).status).toBe(206);
    expect((await get(where, { range: 'bytes=0-3', 'if-range': '"another"' })).status).toBe(200);
    const head = await get(where, {}, 'HEAD');
    expect([head.status, head.headers.get('content-length'), head.bytes.length]).toEqual([200, String(whole.length), 0]);
  });

  it('has peaks of both sides', async () => {
    const { status, body } = await test.send<{ callee: number[] }>('GET', `/v1/calls/${id}/peaks`);
    expect(status).toBe(200);
    expect(body).toMatchObject({ attempt: 1, durationMs: 125, windowMs: 20 });
    expect(body.callee).toHaveLength(7);
  });

  it('may still come while the call lives, and is none when it has ended without one', async () => {
    const { body } = await test.create();
    for (const what of ['recording', 'peaks']) {
      const early = await test.send('GET', `/v1/calls/${body.id}/${what}`);
      expect([early.status, early.body.code, early.headers.get('retry-after')]).toEqual([409, 'recording-not-ready', '2']);
    }
    await test.send('POST', `/v1/calls/${body.id}/end`);
    await test.store.calls.apply(body.id as CallId, { type: 'settled', n: 0, source: 'hangup' });
    expect(await test.send('GET', `/v1/calls/${body.id}/recording`)).toMatchObject({
      status: 404,
      body: { code: 'no-recording' },
    });
  });

  it('that is gone from the disk is none, and no fault', async () => {
    const lost = await recorded();
    await recordings.remove(lost);
    for (const what of ['recording', 'peaks']) {
      expect(await test.send('GET', `/v1/calls/${lost}/${what}`)).toMatchObject({ status: 404, body: { code: 'no-recording' } });
    }
  });

  it('of a client that goes away in the middle is no error', async () => {
    const abort = new AbortController();
    const long = await bridged();
    const writer = recordings.open(long, 1);
    writer.write(new Uint8Array(20_000_000).fill(MU_LAW_SILENCE));
    await writer.finish();
    await test.store.calls.apply(long, { type: 'noted', n: 1, recordingMs: 125, source: 'gateway' });
    const response = await fetch(`${test.url}/v1/calls/${long}/recording`, {
      headers: { authorization: `Bearer ${KEY}` },
      signal: abort.signal,
    });
    const reader = response.body!.getReader();
    await reader.read();
    abort.abort();
    await reader.read().catch(() => null);
    expect((await get(path)).status).toBe(200);
  });
});
