import { createHmac } from 'node:crypto';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { createMemoryArchive } from '@onhook/archive/memory';
import type { CarrierInbound } from '@onhook/carrier';
import {
  agentSchema,
  ANSWERED_BY,
  CARRIER_STATUSES,
  newCallId,
  type Agent,
  type AgentSource,
  type CallView,
  type CarrierCallId,
  type CarrierStatus,
  type E164,
  type Problem,
  type Wake,
} from '@onhook/contracts';
import { accountLimits, limitSettings } from '@onhook/dial-rules';
import { createSendGuarded, isForbiddenUrl, PRIVATE_NETWORKS } from '@onhook/outbound';
import { createMemoryRecordings } from '@onhook/recordings/memory';
import { readConfig, silentLogger, systemClock, systemTimers, type Logger } from '@onhook/service';
import { createSeededChance } from '@onhook/service/virtual-time';
import { chooseShard } from '@onhook/store';
import {
  type MemoryDatabase,
  type MemoryFaults,
  type MemoryStore,
  createMemoryAdmissionControl,
  createMemoryApiKeys,
  createMemoryCampaigns,
  createMemoryContacts,
  createMemoryDatabase,
  createMemoryDoNotCall,
  createMemoryKeptAnswers,
  createMemoryNews,
  createMemoryQuotas,
  createMemoryStats,
  createMemoryStore,
} from '@onhook/store/memory';
import { z } from 'zod';
import type { ApiDeps } from '../api-deps.js';
import { createApi, createHttpServer, type Api } from '../server.js';

export const KEY = 'sk_test_0123456789abcdef';
export const OTHER_KEY = 'sk_test_fedcba9876543210';
export const FROM = '+14155550100' as E164;
export const TO = '+14155552671';
/** Careful ones, but for the countries: most tests are about something else. */
export const TEST_LIMITS = accountLimits(readConfig(z.object(limitSettings), { ALLOWED_COUNTRIES: '*' }), [FROM]);
const PUBLIC_URL = 'https://calls.example.com/onhook';
const AUTH_TOKEN = '12345';

export interface Answer<T> {
  readonly status: number;
  readonly headers: Headers;
  readonly body: T;
  readonly text: string;
}

/** The API over real HTTP on a free port, with a store in memory and ears on everything it wakes. */
export interface TestApi {
  readonly url: string;
  readonly api: Api;
  readonly store: MemoryStore;
  readonly database: MemoryDatabase;
  readonly wakes: Wake[];
  /** With the key; `body` as JSON unless it is a string. */
  send<T = Problem>(method: string, path: string, body?: unknown, headers?: Record<string, string>): Promise<Answer<T>>;
  create(body?: unknown, headers?: Record<string, string>): Promise<Answer<CallView>>;
  callback(path: string, form: Record<string, string>, headers?: Record<string, string>): Promise<Answer<Problem>>;
  /** Everything that is stored, as text: equal before and after means that nothing was changed. */
  snapshot(): string;
  stop(): Promise<void>;
}

export interface TestApiOptions extends Partial<Omit<ApiDeps, 'settings'>> {
  readonly faults?: MemoryFaults;
  readonly settings?: Partial<ApiDeps['settings']>;
  readonly logger?: Logger;
}

export function testAgent(id: string, more: Partial<AgentSource> = {}): Agent {
  return agentSchema.parse({ id, name: id, instructions: 'Be kind.', greeting: 'Hello.', ...more });
}

export async function startTestApi({ faults = {}, settings, ...given }: TestApiOptions = {}): Promise<TestApi> {
  const chance = createSeededChance(1, systemClock);
  const database = createMemoryDatabase(systemClock);
  const store = createMemoryStore({ database, chance, faults });
  const wakes: Wake[] = [];
  const api = createApi({
    calls: store.calls,
    transcripts: store.transcripts,
    recordings: createMemoryRecordings(),
    archive: createMemoryArchive(),
    nameOfNumber: () => 'a-name',
    orders: store.orders,
    answers: createMemoryKeptAnswers({ database, faults }),
    quotas: createMemoryQuotas({ database, faults }),
    control: createMemoryAdmissionControl({ database }),
    campaigns: createMemoryCampaigns({ database, faults }),
    contacts: createMemoryContacts({ database, faults }),
    doNotCall: createMemoryDoNotCall({ database, faults }),
    apiKeys: createMemoryApiKeys({ database, faults }),
    stats: createMemoryStats({ database, faults }),
    news: {
      ...createMemoryNews({ database, faults }),
      producer: { add: () => Promise.resolve() },
      send: createSendGuarded({ timers: systemTimers, allowed: PRIVATE_NETWORKS }),
      isForbiddenUrl: (url) => isForbiddenUrl(new URL(url), { allowed: PRIVATE_NETWORKS }),
    },
    beats: store.beats,
    directory: store.directory,
    waker: async (some) => void wakes.push(...some),
    inbound: createTestInbound(),
    agents: new Map([['demo', testAgent('demo')]]),
    newCallId: (key) => newCallId(chooseShard('default', key, chance), chance.uuidv7()),
    clock: systemClock,
    timers: systemTimers,
    chance,
    logger: silentLogger,
    ...given,
    settings: {
      account: 'default',
      apiKeys: [KEY, OTHER_KEY],
      fromNumbers: [FROM],
      limits: TEST_LIMITS,
      carrier: 'twilio',
      requestsPerMinute: null,
      storeWithinMs: 1_800,
      verifyAnswers: true,
      ...settings,
    },
  });
  const server = createHttpServer(api.app).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;

  async function ask<T>(
    method: string,
    path: string,
    body: string | undefined,
    headers: Record<string, string>,
  ): Promise<Answer<T>> {
    const response = await fetch(url + path, { method, headers, redirect: 'manual', ...(body !== undefined && { body }) });
    const text = await response.text();
    const isJson = /^application\/(problem\+)?json/.test(response.headers.get('content-type') ?? '');
    return {
      status: response.status,
      headers: response.headers,
      text,
      body: (isJson && text !== '' ? JSON.parse(text) : {}) as T,
    };
  }

  const test: TestApi = {
    url,
    api,
    store,
    database,
    wakes,
    send(method, path, body, headers = {}) {
      const text = body === undefined || typeof body === 'string' ? body : JSON.stringify(body);
      return ask(method, path, text, {
        authorization: `Bearer ${KEY}`,
        ...(text !== undefined && { 'content-type': 'application/json' }),
        ...headers,
      });
    },
    create: (body = { to: TO }, headers = {}) => test.send<CallView>('POST', '/v1/calls', body, headers),
    callback(path, form, headers = {}) {
      const body = new URLSearchParams(form).toString();
      return ask('POST', path, body, {
        'content-type': 'application/x-www-form-urlencoded',
        'x-twilio-signature': sign(path, form),
        ...headers,
      });
    },
    snapshot: () =>
      JSON.stringify([[...database.records], [...database.due], [...database.sids], [...database.claims], database.feed, wakes]),
    async stop() {
      server.close();
      await api.endStreams();
      server.closeAllConnections();
      await api.idle();
    },
  };
  return test;
}

/** Twilio's algorithm, written down anew from its documentation (forms over POST): what is under test is the route, not the adapter. */
export function sign(path: string, form: Readonly<Record<string, string | string[]>>, token = AUTH_TOKEN): string {
  const fields = Object.keys(form)
    .sort()
    .map((name) => name + String(form[name]));
  return createHmac('sha1', token)
    .update(PUBLIC_URL + path + fields.join(''))
    .digest('base64');
}

function createTestInbound(): Omit<CarrierInbound, 'isGenuineUpgrade'> {
  return {
    isGenuineCallback: ({ path, signature, form }) => signature === sign(path, form),
    readStatusCallback(form) {
      const status = CARRIER_STATUSES.find((known) => known === form['CallStatus']);
      const sid = form['CallSid'];
      if (typeof sid !== 'string' || !status) return null;
      const text = (name: string): string | null => (typeof form[name] === 'string' ? form[name] : null);
      return {
        sid: sid as CarrierCallId,
        status,
        to: text('To') ?? '',
        from: text('From') ?? '',
        sequence: null,
        sipCode: null,
        durationSec: text('CallDuration') === null ? null : Number(text('CallDuration')),
        answeredBy: null,
        parentSid: text('ParentCallSid') as CarrierCallId | null,
      };
    },
    readAnsweredBy(form) {
      const who = ANSWERED_BY.find((known) => known === form['AnsweredBy']);
      return who ? { sid: form['CallSid'] as CarrierCallId, who } : null;
    },
    readRedirectEnd(form) {
      const status = form['DialCallStatus'];
      return typeof status === 'string'
        ? { sid: form['CallSid'] as CarrierCallId, status, reached: status === 'completed' }
        : null;
    },
    hangUpDocument: (words) => ({ contentType: 'text/xml', body: `<hangs-up-after>${words?.text ?? ''}</hangs-up-after>` }),
  };
}

export const SID = `CA${'1'.repeat(32)}`;
export const OTHER_SID = `CA${'2'.repeat(32)}`;

export function statusForm(status: CarrierStatus, sid = SID): Record<string, string> {
  return { CallSid: sid, CallStatus: status, To: TO, From: FROM, Direction: 'outbound-api', ApiVersion: '2010-04-01' };
}

/** As the dialer and the carrier would: the call was dialed and has its leg. */
export async function dialed(test: TestApi, callId: string): Promise<void> {
  const id = callId as Parameters<MemoryStore['calls']['apply']>[0];
  await test.store.calls.apply(id, { type: 'dial-started', n: 1, from: FROM, source: 'dialer' });
  await test.store.calls.apply(id, { type: 'accepted', n: 1, sid: SID as CarrierCallId, source: 'dialer' });
}
