import { ROUTES, type Route } from '@onhook/contracts';
import type { Dice } from './dice.js';
import { oddJson } from './odd-json.js';

/** One request as it goes over the wire. */
export interface FuzzRequest {
  readonly method: string;
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: string;
  /** By construction the body asks for a call, and for nothing that may be refused. */
  readonly isValidCall: boolean;
}

/** Dialable, and nobody's: the numbers of the simulator's callees. */
const NUMBERS = ['+14155550123', '+14155552671', '+12125550147', '+13105550199'];
const WORDS = [
  '',
  'Ada',
  '💥',
  'a\u0000b',
  '\u202Eevil',
  '{{name}}',
  '<script>',
  "'; DROP TABLE calls;--",
  'é'.repeat(400),
  '-0',
  '+14155552671',
];
const NAMES = ['name', 'slot', 'toString', 'constructor', 'hasOwnProperty', 'é', ' ', 'a.b[c]', '0'];

/** What is touched by nobody here: streams never end, and limits would turn valid calls away; webhooks would go out into the world. */
const LEFT_OUT = /events|limits|webhook/;
const FUZZED = ROUTES.filter(({ path, scope }) => scope !== null && !LEFT_OUT.test(path));

export function drawRequest(dice: Dice): FuzzRequest {
  if (dice.oneIn(2)) return validCall(dice);
  if (dice.oneIn(2)) return { ...post('/v1/calls', oddJson(callBody(dice), dice), dice), isValidCall: false };
  if (dice.oneIn(4)) return anything(dice);
  return ofRoute(dice.pick(FUZZED), dice);
}

/** Valid, and as odd as a valid body can be. */
function validCall(dice: Dice): FuzzRequest {
  const fields = Object.entries(callBody(dice));
  const body = Object.fromEntries(dice.oneIn(2) ? fields.reverse() : fields);
  const written = JSON.stringify(body, null, dice.oneIn(4) ? '\t' : undefined);
  // The same names, written as nobody writes them.
  const escaped = dice.oneIn(4) ? written.replace('"agentId"', '"\\u0061gent\\u0049d"').replace('"to"', '"\\u0074o"') : written;
  return { ...post('/v1/calls', dice.oneIn(8) ? `\r\n\t ${escaped} \n` : escaped, dice), isValidCall: true };
}

function callBody(dice: Dice): Record<string, unknown> {
  const values = (): Record<string, unknown> =>
    Object.fromEntries(
      Array.from({ length: dice.below(5) }, () => [
        dice.pick(NAMES),
        dice.pick<unknown>([...WORDS, true, false, 0, -0.5, 1e308, 5e-324, 9_007_199_254_740_991]),
      ]),
    );
  const soon = '2099-12-31T23:59:59.999999999+14:00';
  return {
    to: dice.pick(NUMBERS),
    agentId: 'demo',
    ...(dice.oneIn(2) && { variables: values() }),
    ...(dice.oneIn(2) && { metadata: values() }),
    ...(dice.oneIn(3) && {
      schedule: dice.pick([{}, { earliestAt: '0001-01-01T00:00:00Z' }, { earliestAt: soon }, { latestAt: soon }]),
    }),
    ...(dice.oneIn(3) && {
      limits: dice.pick([{}, { ringTimeoutSeconds: 5 }, { ringTimeoutSeconds: 600, maxDurationSeconds: 3_000 }]),
    }),
    ...(dice.oneIn(3) && {
      retry: dice.pick([{}, { maxAttempts: 10, on: ['voicemail', 'voicemail'] }, { delaySeconds: 86_400, maxDelaySeconds: 10 }]),
    }),
    ...(dice.oneIn(3) && { voicemail: dice.pick([{}, { detect: false, action: 'leave-message' }, { action: 'continue' }]) }),
  };
}

function ofRoute(route: Route, dice: Dice): FuzzRequest {
  const { method, example } = route;
  const id = dice.pick(['call_a_01hf7yat00e008000000000000', 'x', '%00', '..%2f..', '💥', 'call_a_', 'a'.repeat(5_000)]);
  const path = route.path.replaceAll(/\{\w+\}/g, () => encodeURI(id));
  const query = dice.oneIn(2) ? `?${oddQuery(route, dice)}` : '';
  const hasBody = method !== 'GET' && method !== 'DELETE';
  const body = oddJson(example?.body ?? { confirm: 'end-all-calls', enabled: true, to: NUMBERS[0] }, dice);
  return {
    method,
    path: path + query,
    headers: hasBody ? { 'content-type': 'application/json', ...key(dice) } : {},
    ...(hasBody && { body }),
    isValidCall: false,
  };
}

function oddQuery({ query }: Route, dice: Dice): string {
  const known = query && 'shape' in query ? Object.keys(query.shape as object) : [];
  const name = dice.pick([
    ...known,
    'limit',
    'cursor',
    'metadata[x]',
    'metadata[__proto__]',
    '__proto__',
    'status[]',
    'constructor',
  ]);
  const value = dice.pick([
    '',
    '-1',
    '1e9',
    '50',
    '%',
    '%00',
    '%F0%9F',
    'true',
    'ended,queued',
    'NaN',
    '9'.repeat(400),
    encodeURIComponent('{"a":1}'),
  ]);
  return dice.oneIn(3) ? `${name}=${value}&${name}=${value}` : `${encodeURI(name)}=${value}`;
}

/** Not even a route. */
function anything(dice: Dice): FuzzRequest {
  return {
    method: dice.pick(['GET', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS', 'PROPFIND']),
    path: dice.pick([
      '/',
      '/v1',
      '/v1/',
      '/v1//calls',
      '/v1/calls/%',
      '/v1/calls/%E0%A4%A',
      '/V1/CALLS',
      '/carrier/twilio/status/x/1',
      '/queues',
      '/docs?x=%',
      '/openapi.json',
      `/${'v1/'.repeat(400)}`,
    ]),
    headers: {
      'content-type': dice.pick([
        'application/json',
        'text/plain',
        'application/json; charset=utf-7',
        'multipart/form-data',
        '/',
      ]),
    },
    isValidCall: false,
  };
}

function post(path: string, body: string, dice: Dice): Omit<FuzzRequest, 'isValidCall'> {
  return { method: 'POST', path, headers: { 'content-type': 'application/json', ...key(dice) }, body };
}

/** Few keys, so that some come again with another body. */
function key(dice: Dice): Record<string, string> {
  return dice.oneIn(3)
    ? { 'idempotency-key': dice.pick([`key-${dice.below(500)}`, ' ', '~'.repeat(255), '"quoted"', "' OR 1=1"]) }
    : {};
}
