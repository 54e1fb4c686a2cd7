import fc from 'fast-check';
import { silentLogger, type Logger } from '@onhook/service';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startSimulator, type Simulator } from './start-simulator.js';

const words = fc.constantFrom(
  ...`+14155550102 +1* +? * chats silent nobody create-429 media-stall outage say listen hangUp repeat never-ends demo default
  __proto__ constructor ( [a-z 12# w turn-over`.split(/\s+/),
  '',
);
const leaf = fc.oneof(
  words,
  fc.integer(),
  fc.double(),
  fc.boolean(),
  fc.constant(null),
  fc.string({ unit: 'binary', maxLength: 20 }),
);
const keys = fc.constantFrom(
  ...`to persona steps say beep listen press wait repeat times menu choices oneOf weight faults kind count probability delayMs lastsMs
  startsInMs hello replies voice hangUp when ms answerAfterMs fromMs toMs digits name greeting default hears says calls next
  __proto__`.split(/\s+/),
);
const json = fc.letrec<{ any: unknown }>((tie) => ({
  any: fc.oneof(
    { maxDepth: 4 },
    leaf,
    fc.array(tie('any'), { maxLength: 4 }),
    fc.array(fc.tuple(keys, tie('any')), { maxLength: 6 }).map((pairs) => Object.fromEntries(pairs)),
  ),
})).any;

describe('bad input to the simulator’s own doors', () => {
  const errors: unknown[] = [];
  const logger = Object.create(silentLogger, { error: { value: (...what: unknown[]) => void errors.push(what) } }) as Logger;
  let simulator: Simulator;
  let url: string;
  beforeAll(async () => {
    simulator = await startSimulator({ logger });
    url = `${simulator.url}/simulator`;
  });
  afterAll(async () => {
    await simulator.close();
    expect(errors).toEqual([]);
  });

  async function ask(method: string, path: string, body?: string, type = 'application/json'): Promise<number> {
    const response = await fetch(url + path, {
      method,
      headers: { 'Content-Type': type },
      ...(body !== undefined && { body }),
    });
    const text = await response.text();
    expect({ method, path, body, status: response.status }).toMatchObject({
      status: expect.toSatisfy((status: number) => status < 500),
    });
    if (response.status >= 400) {
      expect(response.headers.get('content-type')).toContain('application/problem+json');
      expect(JSON.parse(text)).toEqual({ status: response.status, title: expect.any(String), detail: expect.any(String) });
    }
    return response.status;
  }
  const clear = () => Promise.all([ask('DELETE', '/faults'), ask('DELETE', '/scenarios')]);

  it('is refused with a problem, or taken', async () => {
    const path = fc.oneof(
      { weight: 6, arbitrary: fc.constantFrom('/scenarios', '/faults', '/agent-scripts') },
      fc.constantFrom('/calls/CA0/press', '/calls/__proto__/answer', '/calls/%ff/decline', '/ledger', '/health', '/%ff'),
    );
    const body = fc.oneof(
      { weight: 8, arbitrary: json.map((value) => JSON.stringify(value) ?? 'null') },
      fc.string({ unit: 'binary', maxLength: 50 }),
      fc.constant('x'.repeat(300_000)),
    );
    const type = fc.oneof(
      { weight: 8, arbitrary: fc.constant('application/json') },
      fc.constantFrom('text/plain', 'application/json; charset=klingon', 'no type'),
    );
    await fc.assert(
      fc.asyncProperty(path, fc.constantFrom('POST', 'DELETE', 'PUT'), body, type, async (where, method, text, contentType) => {
        await ask(method, where, text, contentType);
      }),
      { numRuns: 300 },
    );
    await clear();
  });

  it('of any query is refused with a problem, or answered', async () => {
    const pair = fc.tuple(
      fc.constantFrom('call', 'kind', 'since', 'x'),
      fc.oneof(words, fc.string({ maxLength: 10 }), fc.constant('-1')),
    );
    await fc.assert(
      fc.asyncProperty(
        fc.constantFrom('/ledger', '/calls', '/faults', '/scenarios'),
        fc.array(pair, { maxLength: 4 }),
        async (where, pairs) => {
          await ask('GET', `${where}?${new URLSearchParams(pairs).toString()}`);
        },
      ),
      { numRuns: 60 },
    );
  });

  it('that is nested without end is refused', async () => {
    const deep = '[{"repeat":{"steps":'.repeat(8_000) + '[]' + '}}]'.repeat(8_000);
    expect(await ask('POST', '/scenarios', `{"to":"+14155550102","steps":${deep}}`)).toBe(400);
  });

  it('names a voice that there is not, before a call meets it', async () => {
    expect(await ask('POST', '/scenarios', '{"to":"+14155550102","voice":"nobody"}')).toBe(400);
  });

  it('is not written to the ledger as anything, and the doors stay open', async () => {
    const { accountSid, authToken } = simulator;
    await clear();
    expect(await ask('GET', '/health')).toBe(200);
    const response = await fetch(`${simulator.url}/2010-04-01/Accounts/${accountSid}/Calls.json`, {
      method: 'POST',
      headers: { Authorization: `Basic ${Buffer.from(`${accountSid}:${authToken}`).toString('base64')}` },
      body: new URLSearchParams({ To: '+14155550109', From: '+15005550006', Twiml: '<Response><Pause length="9"/></Response>' }),
    });
    const { sid } = (await response.json()) as { sid: string };
    const ended = await simulator.whenEntry((entry) => entry.kind === 'carrier-ended' && entry.callSid === sid);
    expect(ended).toMatchObject({ by: 'callee' });
    expect(simulator.entries().every((entry, i) => entry.seq === i + 1)).toBe(true);
  });
});
