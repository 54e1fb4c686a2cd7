import twilio from 'twilio';
import type { NumberPolicy } from './carrier/number-policy.js';
import type { LedgerEntry } from './ledger.js';
import type { Scenario } from './scenarios.js';
import { agentLines, calleeLines } from './speech/index.js';
import { openTestBench, testAccount, type TestBench } from './test-customer.js';

/** What the customer answers at a path: fixed, or TwiML by the parameters of the request. */
export type Page = { status?: number; type?: string; body: string } | ((params: Record<string, string>) => string);

export const fast = { queuedMs: 0, postDialMs: 0, answerAfterMs: 20, hello: null, replies: [] } satisfies Partial<Scenario>;
export const hangup = '<Response><Hangup/></Response>';

/** A carrier whose customer has pages, and callees that each have a number of their own: what tests of documents stand on. */
export interface DocumentBench {
  bench: TestBench;
  client: twilio.Twilio;
  /** The number of a new callee that behaves so. */
  callee(behaviour?: Partial<Scenario>): Promise<string>;
  /** A new page of the customer's. */
  page(answer: Page): { url: string; path: string };
  /** Calls, with these verbs. Resolves with the SID. */
  start(to: string, inside: string): Promise<string>;
  entry(sid: string, kind: string): Promise<LedgerEntry>;
  ended(sid: string): Promise<LedgerEntry>;
  warnings(sid: string): unknown[];
  paramsAt(path: string): Promise<Record<string, string>>;
  requestsAt(path: string): TestBench['customer']['requests'];
}

export async function openDocumentBench(options: NumberPolicy = {}): Promise<DocumentBench> {
  const bench = await openTestBench(options);
  const client = twilio(testAccount.accountSid, testAccount.authToken);
  client.api.baseUrl = bench.url;
  const pages = new Map<string, Page>();
  let count = 0;
  bench.customer.answer = ({ url, params }) => {
    const page = pages.get(url.split('?', 1)[0] ?? '');
    if (page === undefined) return undefined;
    if (typeof page === 'function') return { status: 200, type: 'text/xml', body: page(params) };
    return { status: page.status ?? 200, body: page.body, ...(page.type !== undefined && { type: page.type }) };
  };
  for (const text of [agentLines.misheard, calleeLines.thatIsMe, calleeLines.confirm]) await bench.speech.line(text);
  for (const text of [calleeLines.thatIsMe, calleeLines.confirm]) await bench.speech.line(text, 'rms');
  const entry = (sid: string, kind: string): Promise<LedgerEntry> => bench.whenEntry(kind, (one) => one.callSid === sid);

  return {
    bench,
    client,
    async callee(behaviour = {}) {
      const to = `+1415555${String(3_000 + count++)}`;
      const { status } = await fetch(`${bench.url}/simulator/scenarios`, {
        method: 'POST',
        headers: { 'Content-Type': 'application/json' },
        body: JSON.stringify({ to, ...fast, ...behaviour }),
      });
      if (status !== 204) throw new Error(`scenario refused: HTTP ${status}`);
      return to;
    },
    page(answer) {
      const path = `/page-${count++}`;
      pages.set(path, answer);
      return { url: `${bench.customer.url}${path}`, path };
    },
    start: async (to, inside) =>
      (await client.calls.create({ to, from: '+15005550006', twiml: `<Response>${inside}</Response>` })).sid,
    entry,
    ended: (sid) => entry(sid, 'carrier-ended'),
    warnings: (sid) => bench.ledger.entries({ call: sid, kind: 'warning' }).map((one) => one['code']),
    paramsAt: async (path) => (await bench.customer.whenRequest(({ url }) => url === path)).params,
    requestsAt: (path) => bench.customer.requests.filter(({ url }) => url.split('?', 1)[0] === path),
  };
}
