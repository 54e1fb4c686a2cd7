import { parseArgs } from 'node:util';
import { silentLogger } from '@onhook/service';
import { connectRedis } from '@onhook/store/redis';
import { median } from './http-load.js';
import type { LoadReport } from './load.js';
import { API_KEY, startApi, startControl, startLoad, type Load, type Served } from './processes.js';
import { seedOlderCalls } from './seed-calls.js';

/**
 * `POST /v1/calls` against a plain Express route with one `queue.add`, side by side: how many a second, and how long they take at half
 * that rate; then the list of 50 out of many calls against out of few. REDIS_URL names a Redis of its own.
 */
const { values } = parseArgs({
  options: {
    json: { type: 'boolean', default: false },
    repeats: { type: 'string', default: '5' },
    seconds: { type: 'string', default: '5' },
    calls: { type: 'string', default: '1000000' },
    bytes: { type: 'string' },
  },
});
const [repeats, seconds, manyCalls] = [Number(values.repeats), Number(values.seconds), Number(values.calls)];
const url = process.env['REDIS_URL'] ?? '';
const env = { redisUrl: url, PATH: process.env['PATH'] ?? '' };
const CONNECTIONS = 50;
const FEW_CALLS = 1_000;
const BODY = JSON.stringify({
  to: '+14155552671',
  agentId: 'demo',
  variables: { name: 'Ada', slot: '3 pm' },
  metadata: { orderId: '8841' },
});

const load = startLoad(env);
const [enqueue, list] = [await benchEnqueue(load), await benchList(load)];
load.stop();
const report = { ...enqueue, ...list, bytesPerFinishedCall: values.bytes === undefined ? null : Number(values.bytes) };
if (values.json) process.stdout.write(`${JSON.stringify(report)}\n`);
else for (const [name, value] of Object.entries(report)) process.stdout.write(`${name.padEnd(24)} ${String(value)}\n`);

async function benchEnqueue(by: Load) {
  const api = await startApi(env, 'bench-api', { sealed: true });
  const control = await startControl(env, 'bench-control');
  const order = { method: 'POST', path: '/v1/calls', apiKey: API_KEY, body: BODY, connections: CONNECTIONS } as const;
  const full = (to: Served, run: string) => by.run({ ...order, port: to.port, run, seconds, rate: null }).then(sound);
  const pairs: { ours: LoadReport; theirs: LoadReport }[] = [];
  // The first pair compiles code and opens connections.
  for (let i = 0; i <= repeats; i++) {
    const pair = { ours: await full(api, `full-${i}`), theirs: await full(control, `full-${i}`) };
    say(`full speed: ${Math.round(pair.ours.perSecond)} calls a second, control ${Math.round(pair.theirs.perSecond)}`);
    if (i > 0) pairs.push(pair);
  }
  const callsPerSecond = median(pairs.map(({ ours }) => ours.perSecond));
  const rate = Math.round(callsPerSecond / 2);
  const half = (to: Served, run: string) => by.run({ ...order, port: to.port, run, seconds, rate }).then(sound);
  const tails: { ours: number; theirs: number }[] = [];
  for (let i = 0; i < repeats; i++) {
    const tail = { ours: (await half(api, `half-${i}`)).p99Ms, theirs: (await half(control, `half-${i}`)).p99Ms };
    say(`${rate} a second: p99 ${tail.ours.toFixed(1)} ms, control ${tail.theirs.toFixed(1)} ms`);
    tails.push(tail);
  }
  api.stop();
  control.stop();
  return {
    enqueueRatio: rounded(median(pairs.map(({ ours, theirs }) => ours.perSecond / theirs.perSecond))),
    p99Ratio: rounded(median(tails.map(({ ours, theirs }) => ours / theirs))),
    p99Ms: rounded(median(tails.map(({ ours }) => ours))),
    callsPerSecond: Math.round(callsPerSecond),
    controlPerSecond: Math.round(median(pairs.map(({ theirs }) => theirs.perSecond))),
  };
}

async function benchList(by: Load) {
  // Not sealed: a record that is sealed opens under its own id alone, and could not be copied.
  const [few, many] = [await startApi(env, 'bench-few', { sealed: false }), await startApi(env, 'bench-many', { sealed: false })];
  const posting = { method: 'POST', path: '/v1/calls', apiKey: API_KEY, body: BODY, connections: 20, seconds: 1 } as const;
  for (const api of [few, many]) {
    for (let made = 0, i = 0; made < FEW_CALLS; i++) {
      made += (await by.run({ ...posting, port: api.port, run: `fill-${i}`, rate: FEW_CALLS - made })).answered;
    }
  }
  const redis = await connectRedis(url, 'producer', { logger: silentLogger });
  await seedOlderCalls(redis, 'bench-many', manyCalls - FEW_CALLS);
  const listing = {
    method: 'GET',
    path: '/v1/calls?limit=50',
    apiKey: API_KEY,
    body: '',
    run: '',
    connections: 1,
    seconds: 2,
    rate: null,
  } as const;
  const ratios: number[] = [];
  for (let i = 0; i <= repeats; i++) {
    const [small, large] = [
      sound(await by.run({ ...listing, port: few.port })),
      sound(await by.run({ ...listing, port: many.port })),
    ];
    say(`list of 50: ${small.p50Ms.toFixed(2)} ms out of ${FEW_CALLS}, ${large.p50Ms.toFixed(2)} ms out of ${manyCalls}`);
    if (i > 0) ratios.push(large.p50Ms / small.p50Ms);
  }
  for (const api of [few, many]) api.stop();
  redis.disconnect();
  return { listRatio: rounded(median(ratios)) };
}

/** A contender that refuses is fast, and proves nothing. */
function sound(report: LoadReport): LoadReport {
  if (report.failed > 0 || report.answered === 0)
    throw new Error(`${report.failed} requests failed, ${report.answered} were answered`);
  return report;
}

function rounded(value: number): number {
  return Math.round(value * 1_000) / 1_000;
}

/** On stderr: stdout is for the result alone. */
function say(what: string): void {
  process.stderr.write(`${what}\n`);
}
