import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { silentLogger, systemChance, systemClock, systemTimers } from '@onhook/service';
import { createMemoryDatabase, createMemoryStore } from '@onhook/store/memory';
import { createOpenAiRealtimeAgent } from '@onhook/voice-agent/openai';
import type { RecordingStore } from '@onhook/recordings';
import { createBenchTime } from './bench-time.js';
import { createCarrierFrames } from './carrier-frames.js';
import { everyRun, type LostRun } from './every-run.js';
import { callsPerCore, controlsAreHonest, pointsOf, ratio, ratioWithin, round, type FrameCosts, type Points } from './figures.js';
import { compare, openCalls, openPlain, type Contender } from './in-process.js';
import { isPinned, runAlone, runLoad, type LoadRun } from './load-run.js';
import { median } from './median.js';
import { naive, relay, type PlainBridge } from './plain-bridges.js';
import { createProvider } from './provider.js';
import { MEDIA_PATH, startBenchGateway } from './session-calls.js';
import { createWire, upgradeRequest } from './wire.js';

/**
 * What a call costs this gateway, against a raw `ws` relay and a naive bridge in the same run. `--gate`: only the part without a
 * kernel, and exit code 1 if a frame costs more than it may. See ../../README.md for what the figures are.
 */
const { values } = parseArgs({
  options: {
    json: { type: 'boolean', default: false },
    quick: { type: 'boolean', default: false },
    gate: { type: 'boolean', default: false },
    /** What one of the processes of the part without a kernel does. */
    'side-by-side': { type: 'boolean', default: false },
    calls: { type: 'string' },
    seconds: { type: 'string' },
    repeats: { type: 'string' },
  },
});
const callCounts = (values.calls ?? (values.quick ? '100,200' : '50,100,200,400'))
  .split(',')
  .map((text) => wholeNumber('calls', text));
const seconds = wholeNumber('seconds', values.seconds ?? (values.quick ? '2' : '5'));
const repeats = wholeNumber('repeats', values.repeats ?? '3');
const SLICES = 12;
const PROCESSES = 3;
const SWALLOW: RecordingStore = { open: () => ({ write: () => true, finish: async () => ({ frames: 0 }) }) };
const CONTENDERS: Readonly<Record<string, () => Promise<Contender>>> = {
  relay: () => plain(relay),
  naive: () => plain(naive),
  onhook: () => sessions(20, null),
  recording: () => sessions(20, SWALLOW),
};
const MOST = { toRelay: 1.05, toNaive: 0.45, recording: 1.35 };

if (values['side-by-side']) await sideBySide();
const inProcess = runInProcess();
if (values.gate) gate(inProcess);
const { runs, lost } = await runEndToEnd();
const result = report(inProcess, runs, lost);
if (values.json) process.stdout.write(`${JSON.stringify(result)}\n`);
else for (const [name, value] of Object.entries(result)) process.stdout.write(`${name.padEnd(24)} ${JSON.stringify(value)}\n`);
process.exit(0);

/** All contenders side by side, in a few processes one after the other. */
function runInProcess(): FrameCosts[] {
  const all: FrameCosts[] = [];
  for (let n = 0; n < PROCESSES; n++) {
    say(`in process, ${n + 1} of ${PROCESSES}`);
    all.push(JSON.parse(runAlone([fileURLToPath(import.meta.url), '--side-by-side'])) as FrameCosts);
  }
  return all;
}

async function sideBySide(): Promise<never> {
  // Nothing here waits for the system, and a process that waits for nothing ends.
  systemTimers.every(1_000, () => {});
  const contenders = new Map<string, Contender>();
  for (const [name, open] of Object.entries(CONTENDERS)) contenders.set(name, await open());
  // What is said at the beginning has come.
  await systemTimers.sleep(50);
  process.stdout.write(`${JSON.stringify(await compare(contenders, SLICES))}\n`);
  process.exit(0);
}

async function plain(bridge: PlainBridge): Promise<Contender> {
  return { calls: await openCalls(openPlain(bridge)), advance: () => {}, framesPerAppend: 1 };
}

async function sessions(appendMs: number, recordings: RecordingStore | null): Promise<Contender> {
  const time = createBenchTime(systemClock);
  let next = createProvider({ speaks: true });
  const gateway = await startBenchGateway({
    store: createMemoryStore({ database: createMemoryDatabase(time), chance: systemChance }),
    voiceAgent: createOpenAiRealtimeAgent({
      url: 'ws://bench/',
      apiKey: 'bench',
      logger: silentLogger,
      clock: time,
      timers: time,
      appendMs: () => appendMs,
      connect: () => next.wire.socket,
    }),
    recordings,
    clock: time,
    timers: time,
  });
  const calls = await openCalls(async (index) => {
    const provider = (next = createProvider({ speaks: true }));
    const frames = createCarrierFrames(index);
    const parameters = await gateway.dial(index);
    const carrier = createWire(() => {});
    gateway.server.emit('upgrade', upgradeRequest(carrier.socket, MEDIA_PATH), carrier.socket, Buffer.alloc(0));
    carrier.push(frames.connected());
    carrier.push(frames.start(parameters));
    await provider.ready;
    return { frames, carrier, provider };
  });
  return { calls, advance: () => time.advance(20), framesPerAppend: appendMs / 20 };
}

async function runEndToEnd(): Promise<{ runs: LoadRun[]; lost: LostRun[] }> {
  const kinds = [
    { name: 'relay', kind: 'relay', appendMs: 20 },
    { name: 'onhook', kind: 'onhook', appendMs: 20 },
    { name: 'naive', kind: 'naive', appendMs: 20 },
    { name: 'batched', kind: 'onhook', appendMs: 100 },
  ] as const;
  const orders = Array.from({ length: repeats }, (_, repeat) =>
    callCounts.flatMap((calls) =>
      kinds.map((one) => ({ ...one, calls, title: `${one.name}, ${calls} calls, ${repeat + 1} of ${repeats}` })),
    ),
  ).flat();
  return await everyRun(
    orders,
    async ({ name, kind, appendMs, calls }) => ({
      ...(await runLoad({ kind, appendMs, calls, seconds, warmUpSec: 2 })),
      kind: name,
    }),
    say,
  );
}

function report(processes: readonly FrameCosts[], all: readonly LoadRun[], lost: readonly LostRun[]): Record<string, unknown> {
  const points = pointsOf(all);
  const doubts = [...lost, ...controlsAreHonest(processes, points)];
  const byCalls = (one: string, other: string): Record<string, number> =>
    Object.fromEntries(callCounts.map((calls) => [calls, ratio(points, one, other, String(calls), (point) => point.cpuMs)]));
  const at = String(callCounts.includes(200) ? 200 : callCounts.at(-1));
  const kinds = { onhook: 'batched', relay: 'relay', naive: 'naive' };
  const perCore = Object.entries(kinds).map(([name, kind]) => [name, callsPerCore(points[kind] ?? {})] as const);
  return {
    isVoid: doubts.length > 0,
    doubts,
    inProcessRatio: round(ratioWithin(processes, 'onhook', 'naive')),
    inProcessRatioToRelay: round(ratioWithin(processes, 'onhook', 'relay')),
    inProcessRatioRecording: round(ratioWithin(processes, 'recording', 'onhook')),
    inProcessControls: round(ratioWithin(processes, 'relay', 'naive')),
    inProcessUs: Object.fromEntries(
      Object.keys(CONTENDERS).map((name) => [name, round(median(processes.map((costs) => costs[name]!)))]),
    ),
    cpuRatioToRelay: byCalls('onhook', 'relay'),
    cpuRatioToNaive: byCalls('onhook', 'naive'),
    batchedCpuRatioToNaive: byCalls('batched', 'naive'),
    controlsCpuRatio: byCalls('relay', 'naive'),
    callsPerCore: values.quick ? null : Object.fromEntries(perCore.map(([name, found]) => [name, found?.calls ?? null])),
    callsPerCoreIsExtrapolated: values.quick
      ? null
      : Object.fromEntries(perCore.map(([name, found]) => [name, found?.isExtrapolated ?? null])),
    p99RatioToRelay: Math.max(
      ratio(points, 'onhook', 'relay', at, (point) => point.toAgentMs.p99),
      ratio(points, 'onhook', 'relay', at, (point) => point.toCarrierMs.p99),
    ),
    rssRatioToRelay: ratio(points, 'onhook', 'relay', at, (point) => point.rssKbPerCall),
    framesLost: all.filter(({ kind }) => kind === 'onhook' || kind === 'batched').reduce((sum, { lost }) => sum + lost, 0),
    slicesKept: all.reduce((sum, run) => sum + run.slicesKept, 0),
    slices: all.reduce((sum, run) => sum + run.slices, 0),
    mostCallsUnder20Ms: values.quick
      ? null
      : Object.fromEntries(Object.entries(kinds).map(([name, kind]) => [name, mostUnder(points, kind)])),
    points,
    isPinned,
    node: process.version,
  };
}

function mostUnder(points: Points, kind: string): number | null {
  const good = Object.entries(points[kind] ?? {}).filter(
    ([, { toAgentMs, toCarrierMs }]) => Math.max(toAgentMs.p99, toCarrierMs.p99) < 20,
  );
  return good.length > 0 ? Math.max(...good.map(([calls]) => Number(calls))) : null;
}

function gate(processes: readonly FrameCosts[]): never {
  const ratios = {
    toRelay: ratioWithin(processes, 'onhook', 'relay'),
    toNaive: ratioWithin(processes, 'onhook', 'naive'),
    recording: ratioWithin(processes, 'recording', 'onhook'),
  };
  const doubts = controlsAreHonest(processes, {});
  const failed = Object.entries(ratios).filter(([name, value]) => value > MOST[name as keyof typeof MOST]);
  const rounded = Object.fromEntries(Object.entries(ratios).map(([name, value]) => [name, round(value)]));
  process.stdout.write(`${JSON.stringify({ ...rounded, most: MOST, failed: failed.map(([name]) => name), doubts })}\n`);
  // What was not honestly compared has not passed.
  process.exit(failed.length > 0 || doubts.length > 0 ? 1 : 0);
}

/** On stderr: stdout is for the result alone. */
function say(what: string): void {
  process.stderr.write(`${what}\n`);
}

function wholeNumber(name: string, text: string): number {
  const value = Number(text);
  if (Number.isSafeInteger(value) && value > 0) return value;
  say(`--${name} must be whole numbers above 0`);
  return process.exit(2);
}
