import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { isTerminal, type CarrierStatus } from '@onhook/contracts';

export interface FixtureRequest {
  readonly method: string;
  readonly path: string;
  readonly query: URLSearchParams;
  readonly form: URLSearchParams;
  readonly headers: IncomingMessage['headers'];
  /** Number of the TCP connection that it came on. */
  readonly connection: number;
}

/** A few lines that answer as Twilio's REST API of calls does, to see what the adapter sends. */
export interface TwilioFixture {
  readonly url: string;
  readonly accountSid: string;
  readonly requests: readonly FixtureRequest[];
  /** Answers the next request itself. Returning false lets the fixture answer after all. */
  once(answer: (request: FixtureRequest, response: ServerResponse) => boolean | void): void;
  addCall(facts: { to: string; from: string; createdAt: number | null; status?: CarrierStatus }): string;
  setStatus(sid: string, status: CarrierStatus): void;
  /** Rows on a page, whatever the client asks for. */
  setPageSize(rows: number): void;
  stop(): Promise<void>;
}

interface FixtureCall {
  readonly sid: string;
  readonly to: string;
  readonly from: string;
  status: CarrierStatus;
  readonly createdAt: number | null;
}

export async function startTwilioFixture({ now }: { now: () => number }): Promise<TwilioFixture> {
  const accountSid = `AC${'1'.repeat(32)}`;
  const requests: FixtureRequest[] = [];
  const scripted: Parameters<TwilioFixture['once']>[0][] = [];
  const calls: FixtureCall[] = [];
  let connections = 0;
  let pageSize = 50;

  const server = createServer((request, response) => {
    const url = new URL(request.url ?? '/', 'http://fixture');
    let text = '';
    request.setEncoding('utf8').on('data', (chunk: string) => (text += chunk));
    request.on('end', () => {
      const seen: FixtureRequest = {
        method: request.method ?? '',
        path: url.pathname,
        query: url.searchParams,
        form: new URLSearchParams(text),
        headers: request.headers,
        connection: numbers.get(request.socket) ?? 0,
      };
      requests.push(seen);
      const script = scripted.shift();
      if (script && script(seen, response) !== false) return;
      answer(seen, response);
    });
  });
  const numbers = new WeakMap<object, number>();
  server.on('connection', (socket) => numbers.set(socket, ++connections));

  function answer({ method, path, query, form }: FixtureRequest, response: ServerResponse): void {
    const base = `/2010-04-01/Accounts/${accountSid}/Calls`;
    if (path === `${base}.json` && method === 'POST') {
      const sid = add({ to: form.get('To') ?? '', from: form.get('From') ?? '', createdAt: now() });
      return json(response, 201, { ...resource(find(sid)!), date_created: null });
    }
    if (path === `${base}.json`) return json(response, 200, page(query, `${base}.json`));
    const call = find(/\/Calls\/(CA\w+)\.json$/.exec(path)?.[1] ?? '');
    if (!call) return json(response, 404, error(404, 20_404, `The requested resource ${path} was not found`));
    if (method === 'POST') {
      if (isTerminal(call.status)) return json(response, 400, error(400, 21_220, 'Call is not in-progress. Cannot redirect.'));
      if (form.has('Twiml')) {
        if (call.status !== 'in-progress')
          return json(response, 400, error(400, 21_220, 'Call is not in-progress. Cannot redirect.'));
      } else call.status = call.status === 'in-progress' ? 'completed' : 'canceled';
    }
    return json(response, 200, resource(call));
  }

  function page(query: URLSearchParams, path: string): unknown {
    const matching = calls
      .filter(({ to, from }) => (query.get('To') ?? to) === to && (query.get('From') ?? from) === from)
      .filter(({ status }) => (query.get('Status') ?? status) === status)
      .toSorted((a, b) => (b.createdAt ?? Infinity) - (a.createdAt ?? Infinity) || 0);
    const number = Number(query.get('Page') ?? 0);
    const rows = matching.slice(number * pageSize, (number + 1) * pageSize);
    const next = new URLSearchParams(query);
    next.set('Page', String(number + 1));
    const hasNext = matching.length > (number + 1) * pageSize;
    return {
      calls: rows.map(resource),
      page: number,
      page_size: pageSize,
      uri: path,
      next_page_uri: hasNext ? `${path}?${next.toString()}` : null,
    };
  }

  const find = (sid: string): FixtureCall | undefined => calls.find((call) => call.sid === sid);
  function add({
    to,
    from,
    createdAt,
    status = 'queued',
  }: Omit<FixtureCall, 'sid' | 'status'> & { status?: CarrierStatus }): string {
    const sid = `CA${(calls.length + 1).toString(16).padStart(32, '0')}`;
    calls.push({ sid, to, from, status, createdAt });
    return sid;
  }

  function resource({ sid, to, from, status, createdAt }: FixtureCall): Record<string, unknown> {
    return {
      sid,
      to,
      from,
      status,
      account_sid: accountSid,
      direction: 'outbound-api',
      parent_call_sid: null,
      answered_by: null,
      date_created: createdAt === null ? null : new Date(createdAt).toUTCString().replace('GMT', '+0000'),
      duration: isTerminal(status) ? '15' : null,
    };
  }

  await new Promise<void>((resolve) => void server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    accountSid,
    requests,
    once: (script) => void scripted.push(script),
    addCall: add,
    setStatus: (sid, status) => void (find(sid)!.status = status),
    setPageSize: (rows) => void (pageSize = rows),
    stop: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

function json(response: ServerResponse, status: number, body: unknown): void {
  response.writeHead(status, { 'Content-Type': 'application/json' }).end(JSON.stringify(body));
}

const error = (status: number, code: number, message: string): unknown => ({
  code,
  message,
  more_info: `https://www.twilio.com/docs/errors/${code}`,
  status,
});
