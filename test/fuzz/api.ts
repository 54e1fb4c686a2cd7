import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { PROBLEMS } from '@onhook/contracts';
import { startRedis } from '../redis.js';
import { drawRequest, type FuzzRequest } from './api-requests.js';
import { createDice } from './dice.js';
import type { FuzzTarget } from './target.js';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const API_KEY = 'sk_fuzz_0123456789abcdef';
const AT_ONCE = 32;
const ANSWERED_WITHIN_MS = 30_000;
const MOST_FAILURES = 20;

/**
 * Clients at the real api process over a real Redis. Whatever they send: never a 5xx, never a crash, every refusal documented, every
 * valid call accepted, and in the end the ledger holds exactly the calls that somebody was told of.
 */
export const fuzzApi: FuzzTarget = async ({ n, seed }) => {
  const redis = await startRedis({ appendfsync: 'no' });
  const api = await startApi(redis.url);
  const failures: string[] = [];
  const accepted = new Set<string>();
  const statuses: Record<string, number> = {};
  let next = 0;

  async function one(i: number): Promise<void> {
    const request = drawRequest(createDice(seed + i));
    const failed = (what: string): void => {
      if (failures.length < MOST_FAILURES)
        failures.push(`seed ${seed + i}: ${request.method} ${request.path.slice(0, 80)}: ${what}`);
    };
    try {
      const { status, type, text, location } = await ask(api.url, request);
      statuses[status] = (statuses[status] ?? 0) + 1;
      if (status >= 500) failed(`${status} ${text.slice(0, 200)}`);
      if (status >= 400 && !isDocumented(type, text)) failed(`${status} is no documented problem: ${text.slice(0, 200)}`);
      if (status === 201 && location?.startsWith('/v1/calls/')) accepted.add(location.slice('/v1/calls/'.length));
      if (status === 201 && request.path === '/v1/calls' && !request.isValidCall && !asksForACall(request.body)) {
        failed(`a call was made of ${request.body?.slice(0, 200)}`);
      }
      if (request.isValidCall && status !== 201 && !text.includes('idempotency'))
        failed(`refused: ${status} ${text.slice(0, 300)}`);
    } catch (error) {
      failed(
        `no answer: ${error instanceof Error ? `${error.message} ${error.cause instanceof Error ? error.cause.message : ''}` : String(error)}`,
      );
    }
  }

  try {
    await Promise.all(
      Array.from({ length: AT_ONCE }, async () => {
        while (next < n && !api.hasEnded()) await one(next++);
      }),
    );
    if (api.hasEnded()) failures.push('the api process ended');
    else {
      const ledger = await readLedger(api.url);
      const unasked = [...ledger].filter((id) => !accepted.has(id));
      const lost = [...accepted].filter((id) => !ledger.has(id));
      if (unasked.length > 0) failures.push(`${unasked.length} calls that nobody was told of: ${unasked.slice(0, 3).join(' ')}`);
      if (lost.length > 0) failures.push(`${lost.length} calls were accepted and are not there: ${lost.slice(0, 3).join(' ')}`);
    }
  } finally {
    await api.stop();
    await redis.stop();
  }
  return { n, seed, failures, calls: accepted.size, statuses };
};

interface Answer {
  readonly status: number;
  readonly type: string;
  readonly text: string;
  readonly location: string | null;
}

async function ask(url: string, { method, path, headers, body }: FuzzRequest): Promise<Answer> {
  const response = await fetch(new URL(url + path), {
    method,
    redirect: 'manual',
    headers: { authorization: `Bearer ${API_KEY}`, ...headers },
    ...(body !== undefined && { body }),
    signal: AbortSignal.timeout(ANSWERED_WITHIN_MS),
  });
  return {
    status: response.status,
    type: response.headers.get('content-type') ?? '',
    text: await response.text(),
    location: response.headers.get('location'),
  };
}

function isDocumented(type: string, text: string): boolean {
  if (!type.startsWith('application/problem+json')) return false;
  const { code } = JSON.parse(text) as { code?: string };
  return code !== undefined && Object.hasOwn(PROBLEMS, code);
}

/** By its own few rules, not the api's: what was mutated may still be a call. */
function asksForACall(body: string | undefined): boolean {
  try {
    const { to } = JSON.parse((body ?? '').replace(/^\uFEFF/, '')) as { to?: unknown };
    return typeof to === 'string' && /^\+1\d{10}$/.test(to);
  } catch {
    return false;
  }
}

async function readLedger(url: string): Promise<Set<string>> {
  const ids = new Set<string>();
  let cursor: string | null = '';
  while (cursor !== null) {
    const path: string = `/v1/calls?limit=200${cursor === '' ? '' : `&cursor=${cursor}`}`;
    const { text } = await ask(url, { method: 'GET', path, headers: {}, isValidCall: false });
    const page = JSON.parse(text) as { data: { id: string }[]; nextCursor: string | null };
    for (const { id } of page.data) ids.add(id);
    cursor = page.nextCursor;
  }
  return ids;
}

async function startApi(redisUrl: string): Promise<{ url: string; hasEnded: () => boolean; stop: () => Promise<void> }> {
  const child = spawn(process.execPath, ['apps/api/dist/main.js'], {
    cwd: ROOT,
    stdio: ['ignore', 'pipe', 'inherit'],
    env: {
      PATH: process.env['PATH'],
      REDIS_URL: redisUrl,
      PORT: '0',
      API_KEYS: API_KEY,
      REQUESTS_PER_MINUTE: '0',
      PUBLIC_URL: 'http://127.0.0.1:3000',
      FROM_NUMBERS: '+15005550006',
      AGENTS_DIR: 'agents',
      RECORDINGS_DIR: '.onhook/recordings',
      TWILIO_ACCOUNT_SID: `AC${'0'.repeat(32)}`,
      TWILIO_AUTH_TOKEN: 'none',
      CARRIER: 'simulator',
      // This Redis keeps nothing, and need not.
      DURABILITY: 'weak',
      LOG_LEVEL: 'info',
    },
  });
  const ended = once(child, 'exit');
  const url = await new Promise<string>((resolve, reject) => {
    let said = '';
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      if (said === 'ready') return;
      said += text;
      const found = /"url":"([^"]+)"/.exec(said)?.[1];
      if (found === undefined) return;
      said = 'ready';
      resolve(found);
    });
    child.once('exit', (code) => reject(new Error(`the api ended with ${code}: ${said}`)));
  });
  return {
    url,
    hasEnded: () => child.exitCode !== null || child.signalCode !== null,
    async stop() {
      child.kill('SIGTERM');
      await ended;
    },
  };
}
