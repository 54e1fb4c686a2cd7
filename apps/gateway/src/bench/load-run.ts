import { spawn, spawnSync, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { createServer } from 'node:net';
import type { AddressInfo } from 'node:net';
import { availableParallelism } from 'node:os';
import { fileURLToPath } from 'node:url';
import { STREAM_PARAMETERS } from '@onhook/contracts';
import { readOneLine } from './one-line.js';
import { MEDIA_PATH } from './session-calls.js';

/** One bridge under the load of the simulator's media core, each on a core of its own where that can be had. */
export interface LoadRun {
  readonly kind: string;
  readonly calls: number;
  readonly cpuMs: number;
  readonly rssKbPerCall: number;
  readonly lost: number;
  /** Written to arrived, p50 and p99; of a batch its newest frame. */
  readonly toAgentMs: { readonly p50: number; readonly p99: number };
  readonly toCarrierMs: { readonly p50: number; readonly p99: number };
  readonly pacePast: boolean;
  readonly slices: number;
  readonly slicesKept: number;
}

export interface LoadRunRequest {
  readonly kind: 'relay' | 'naive' | 'onhook';
  readonly appendMs: 20 | 100;
  readonly calls: number;
  readonly seconds: number;
  readonly warmUpSec: number;
}

interface Percentiles {
  readonly p50: number;
  readonly p99: number;
}

interface Way {
  readonly lost: number;
  readonly newestLatencyMs: Percentiles | null;
  readonly newestLatencyUnfilteredMs: Percentiles;
}

/** What `load.js` of the simulator prints, as far as it is used here; its README has the rest. */
interface LoadReport {
  readonly paceMs: Percentiles | null;
  readonly toAgent: Way;
  readonly toCarrier: Way | null;
  readonly slices: number;
  readonly slicesKept: number;
  readonly targets: readonly {
    readonly cpuMsPerStreamSecond: number | null;
    readonly cpuMsPerStreamSecondUnfiltered: number;
    readonly rssKb: number;
    readonly rssKbBefore: number;
  }[];
}

/** Past this the load itself is late, and what it measures is its own. */
const PACE_P99_MS = 5;
const LOAD = fileURLToPath(new URL('../../../simulator/dist/bench/load.js', import.meta.url));
const BRIDGE = fileURLToPath(new URL('bridge/main.js', import.meta.url));

export const isPinned = availableParallelism() >= 2 && spawnSync('taskset', ['-V']).status === 0;

export async function runLoad({ kind, appendMs, calls, seconds, warmUpSec }: LoadRunRequest): Promise<LoadRun> {
  const agentPort = await freePort();
  const agent = `ws://127.0.0.1:${agentPort}/`;
  const bridge = start(0, [BRIDGE, '--kind', kind, '--agent', agent, '--append-ms', String(appendMs), '--calls', String(calls)]);
  try {
    const port = Number(await readOneLine(bridge, 'bridge'));
    const options = {
      '--url': `ws://127.0.0.1:${port}${MEDIA_PATH}`,
      '--streams': String(calls),
      '--agent-port': String(agentPort),
      '--seconds': String(seconds),
      '--warm-up': String(warmUpSec),
      '--pid': String(bridge.pid),
    };
    const parameters = [
      `${STREAM_PARAMETERS.callId}=call_a_{n:26}`,
      `${STREAM_PARAMETERS.attempt}=1`,
      `${STREAM_PARAMETERS.token}=bench`,
    ].flatMap((parameter) => ['--parameter', parameter]);
    const load = start(1, [LOAD, ...Object.entries(options).flat(), ...parameters]);
    const ended = once(load, 'exit');
    const report = JSON.parse(await readOneLine(load, 'load')) as LoadReport;
    // With the bridge gone its sockets are, and the load ends too: the next one wants the core for itself.
    bridge.stdin?.end();
    await ended;
    return readReport(kind, calls, report);
  } finally {
    bridge.stdin?.end();
    if (bridge.exitCode === null && bridge.signalCode === null) await once(bridge, 'exit');
  }
}

function readReport(kind: string, calls: number, report: LoadReport): LoadRun {
  const [target] = report.targets;
  const { toAgent, toCarrier } = report;
  if (!target || !toCarrier) throw new Error(`${kind}: nothing came back to the carrier`);
  const latency = (way: Way): Percentiles => way.newestLatencyMs ?? way.newestLatencyUnfilteredMs;
  return {
    kind,
    calls,
    cpuMs: target.cpuMsPerStreamSecond ?? target.cpuMsPerStreamSecondUnfiltered,
    rssKbPerCall: (target.rssKb - target.rssKbBefore) / calls,
    lost: toAgent.lost + toCarrier.lost,
    toAgentMs: latency(toAgent),
    toCarrierMs: latency(toCarrier),
    pacePast: (report.paceMs?.p99 ?? Infinity) > PACE_P99_MS,
    slices: report.slices,
    slicesKept: report.slicesKept,
  };
}

/** What a Node program prints that has the first core for itself. */
export function runAlone(args: readonly string[]): string {
  const [program, before] = onCore(0);
  const { stdout, stderr, status } = spawnSync(program, [...before, ...args], { encoding: 'utf8' });
  if (status !== 0) throw new Error(stderr);
  return stdout;
}

function onCore(core: number): [program: string, before: string[]] {
  return isPinned ? ['taskset', ['-c', String(core), process.execPath]] : [process.execPath, []];
}

function start(core: number, args: readonly string[]): ChildProcess {
  const [program, before] = onCore(core);
  return spawn(program, [...before, ...args], { stdio: ['pipe', 'pipe', 'inherit'] });
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return port;
}
