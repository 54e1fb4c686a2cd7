import type { CallId, CallView } from '@onhook/contracts';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { dialed, KEY, SID, startTestApi, statusForm, type TestApi } from '../testing/test-api.js';

/** However busy the machine is. */
const eventually = <T>(look: () => T | Promise<T>) => expect.poll(look, { timeout: 10_000 });

interface LiveEvent {
  readonly event: string;
  readonly id: string;
  readonly data: { readonly type?: string; readonly sequence?: number; readonly data?: CallView };
}

let test: TestApi;
const open: AbortController[] = [];
beforeEach(async () => {
  test = await startTestApi();
});
afterEach(async () => {
  for (const one of open.splice(0)) one.abort();
  await test.stop();
});

interface Listener {
  readonly events: LiveEvent[];
  readonly comments: string[];
  readonly response: Response;
  /** Resolves when the stream has ended. */
  readonly ended: Promise<void>;
  close(): void;
}

async function listen(path: string, headers: Record<string, string> = {}): Promise<Listener> {
  const aborter = new AbortController();
  open.push(aborter);
  const response = await fetch(test.url + path, {
    headers: { authorization: `Bearer ${KEY}`, accept: 'text/event-stream', ...headers },
    signal: aborter.signal,
  });
  const events: LiveEvent[] = [];
  const comments: string[] = [];
  const ended = (async () => {
    let rest = '';
    const decoder = new TextDecoder();
    try {
      for await (const chunk of response.body as unknown as AsyncIterable<Uint8Array>) {
        const blocks = (rest + decoder.decode(chunk, { stream: true })).split('\n\n');
        rest = blocks.pop() ?? '';
        for (const block of blocks) {
          const fields = Object.fromEntries(
            block.split('\n').map((line) => [line.slice(0, line.indexOf(':')), line.slice(line.indexOf(':') + 1).trim()]),
          );
          if (fields['event'])
            events.push({
              event: fields['event'],
              id: fields['id'] ?? '',
              data: JSON.parse(fields['data'] ?? '{}') as LiveEvent['data'],
            });
          else comments.push(block);
        }
      }
    } catch {
      // Broken off by the test.
    }
  })();
  return { events, comments, response, ended, close: () => aborter.abort() };
}

const types = ({ events }: Listener): string[] => events.map(({ event }) => event);
const canceled = async (callId: string): Promise<void> => {
  await test.store.calls.apply(callId as CallId, { type: 'end-asked', source: 'api', cause: 'canceled', by: 'operator' });
  await test.store.calls.apply(callId as CallId, { type: 'settled', source: 'hangup', n: 0 });
};

describe('the stream of all events', () => {
  it('tells what happens to every call as it happens, with the call as it is', async () => {
    const listener = await listen('/v1/events');
    expect(listener.response.headers.get('content-type')).toMatch(/^text\/event-stream/);
    const { body: call } = await test.create();
    await eventually(() => types(listener)).toEqual(['call.created']);
    await dialed(test, call.id);
    await test.callback(`/carrier/twilio/status/${call.id}/1`, statusForm('ringing', SID));
    await eventually(() => types(listener)).toContain('call.ringing');
    const [created] = listener.events;
    expect(created).toMatchObject({
      event: 'call.created',
      data: { type: 'call.created', sequence: 1, data: { id: call.id, to: call.to } },
    });
    const sequences = listener.events.map(({ data }) => data.sequence ?? 0);
    expect(sequences).toEqual(sequences.toSorted((a, b) => a - b));
  });

  it('tells only what is wanted', async () => {
    const listener = await listen('/v1/events?types=call.ended,campaign.*');
    const ofNoCampaign = await listen('/v1/events?campaignId=camp_1');
    const { body: call } = await test.create();
    await canceled(call.id);
    await eventually(() => types(listener)).toEqual(['call.ended']);
    expect(types(ofNoCampaign)).toEqual([]);
    expect((await test.send('GET', '/v1/events?types=Call!')).status).toBe(422);
    expect((await test.send('HEAD', '/v1/events')).headers.get('content-type')).toMatch(/^text\/event-stream/);
  });

  it('goes on behind the last event that arrived, and repeats none', async () => {
    const first = await listen('/v1/events');
    await test.create();
    await eventually(() => first.events.length).toBe(1);
    first.close();
    await first.ended;
    const missed = [await test.create(), await test.create()].map(({ body }) => body.id);
    const again = await listen('/v1/events', { 'last-event-id': first.events[0]!.id });
    const later = (await test.create()).body.id;
    await eventually(() => again.events.map(({ data }) => data.data?.id)).toEqual([...missed, later]);
  });

  it('says that some are gone if it cannot go back so far, and goes on', async () => {
    for (const id of ['nonsense', 'zzzzzzzz.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0']) {
      const listener = await listen('/v1/events', { 'last-event-id': id });
      await eventually(() => types(listener)).toEqual(['reset']);
      const { body: call } = await test.create();
      await eventually(() => listener.events.at(-1)?.data.data?.id).toBe(call.id);
      const resumed = await listen('/v1/events', { 'last-event-id': listener.events[0]!.id });
      await eventually(() => resumed.events.at(-1)?.data.data?.id).toBe(call.id);
      expect(types(resumed)).toEqual(['call.created']);
    }
  });

  it('tells of a call that changes again and again by what it is in the end', async () => {
    const { body: call } = await test.create();
    await dialed(test, call.id);
    const listener = await listen('/v1/events');
    for (let i = 0; i < 20; i++) {
      await test.store.calls.apply(call.id as CallId, {
        type: 'answered-by',
        source: 'callback',
        n: 1,
        sid: SID as never,
        who: 'unknown',
      });
    }
    await test.store.calls.apply(call.id as CallId, {
      type: 'end-asked',
      source: 'api',
      cause: 'operator-ended-call',
      by: 'operator',
    });
    await eventually(() => listener.events.at(-1)?.data.data?.state).toBe('ending');
    expect(types(listener).filter((type) => type === 'call.updated').length).toBeLessThan(5);
  });

  it('asks for a key, ends when the process stops, and is not open to more than are allowed', async () => {
    expect((await fetch(`${test.url}/v1/events`)).status).toBe(401);
    await test.stop();
    test = await startTestApi({ settings: { mostStreams: 1 } });
    const listener = await listen('/v1/events');
    const refused = await test.send('GET', '/v1/events');
    expect([refused.status, refused.body.code, refused.headers.get('retry-after')]).toEqual([429, 'too-many-streams', '5']);
    await test.api.endStreams();
    await listener.ended;
  });
});

describe('the stream of one call', () => {
  it('begins with the call as it is, and tells of it alone', async () => {
    const [{ body: one }, { body: other }] = [await test.create(), await test.create()];
    const listener = await listen(`/v1/calls/${one.id}/events`);
    await canceled(other.id);
    await canceled(one.id);
    await eventually(() => types(listener)).toContain('call.ended');
    expect(listener.events[0]).toMatchObject({ event: 'call.snapshot', data: { data: { id: one.id, state: 'queued' } } });
    expect(new Set(listener.events.map(({ data }) => data.data?.id))).toEqual(new Set([one.id]));
    const again = await listen(`/v1/calls/${one.id}/events`, { 'last-event-id': listener.events[0]!.id });
    await eventually(() => types(again)).toEqual(types(listener).slice(1));
  });

  it('tells what was said, as it is written down', async () => {
    const { body: call } = await test.create();
    const id = call.id as CallId;
    const line = { who: 'agent', text: 'Hello.', fromMs: 0, toMs: 900 } as const;
    await test.store.transcripts.save(id, { v: 1, attempt: 1, truncated: false, lines: [line] });
    const listener = await listen(`/v1/calls/${call.id}/events`);
    const told = () =>
      listener.events.filter(({ event }) => event === 'transcript').map(({ data, id: place }) => [data.data, place]);
    await eventually(told).toEqual([[[line], '']]);
    const more = { who: 'callee', text: 'Yes?', fromMs: 1_000, toMs: 1_400 } as const;
    await test.store.transcripts.save(id, { v: 1, attempt: 1, truncated: false, lines: [line, more] });
    await eventually(() => told().at(-1)?.[0]).toEqual([line, more]);
    expect(told()).toHaveLength(2);
  });

  it('is its timeline for who does not ask for a stream, and nothing for a call that is not', async () => {
    const { body: call } = await test.create();
    const answer = await test.send<{ data: { event: string }[] }>('GET', `/v1/calls/${call.id}/events`);
    expect(answer.body.data.map(({ event }) => event)).toEqual(['created']);
    expect((await listen('/v1/calls/call_a_01kaq3v4e8f0zr2m5t7w9y1b3d/events')).response.status).toBe(404);
  });
});
