import { parseArgs } from 'node:util';
import { systemClock, systemTimers } from '@onhook/service';
import { createTicker } from '../carrier/ticker.js';
import { closeServer } from '../listen.js';
import { frameMs, round, slicesOf } from './lateness.js';
import { startLoadAgent } from './load-agent.js';
import { openLoadStream, type LoadStream } from './load-carrier.js';
import { startLooking } from './steal-looks.js';
import { usageOf } from './target-usage.js';
import { createWayTally } from './way-tally.js';

/** A carrier and an agent as load for somebody else's media gateway: see README.md for arguments and output. */
const { values } = parseArgs({
  options: {
    url: { type: 'string' },
    streams: { type: 'string', default: '100' },
    seconds: { type: 'string', default: '20' },
    'warm-up': { type: 'string', default: '3' },
    'agent-port': { type: 'string' },
    'auth-token': { type: 'string', default: 'bench' },
    parameter: { type: 'string', multiple: true, default: [] },
    pid: { type: 'string', multiple: true, default: [] },
  },
});
if (values.url === undefined) usage('--url is missing');
const url = values.url;
const streams = wholeNumber('streams', values.streams);
const seconds = wholeNumber('seconds', values.seconds);
const warmUpSec = wholeNumber('warm-up', values['warm-up']);
const pids = values.pid.map((pid) => wholeNumber('pid', pid));
/** Streams that are opened side by side. */
const openAtOnce = 16;
/** Frames of the window may be on their way for so long. */
const graceMs = 1_000;

const clock = systemClock;
const ticker = createTicker({ clock, timers: systemTimers });
const sizes = { streams, framesEach: Math.ceil(((warmUpSec + seconds) * 1000 + graceMs) / frameMs) + 100 };
const toAgent = createWayTally(sizes);
const toCarrier = createWayTally(sizes);
let lost = 0;

const cpuAtLook: number[][] = [];
const looks = startLooking(() => cpuAtLook.push(pids.map((pid) => usageOf(pid).cpuMs)));
const before = pids.map((pid) => usageOf(pid).rssKb);
const agent =
  values['agent-port'] === undefined
    ? undefined
    : await startLoadAgent({ port: wholeNumber('agent-port', values['agent-port']), ticker, toAgent, toCarrier });
say(`opening ${streams} streams`);
const opened = await openAll();
if (lost === 0) process.stdout.write(`${JSON.stringify(await measure())}\n`);
await Promise.all(opened.map((stream) => stream.end()));
ticker.close();
if (agent) await closeServer(agent);
process.exit(lost === 0 ? 0 : 1);

async function measure(): Promise<Record<string, unknown>> {
  for (const stream of opened) stream.begin();
  say('warming up');
  await systemTimers.sleep(warmUpSec * 1000);
  say('measuring');
  const fromMs = clock.monotonicMs();
  const cpuBefore = process.cpuUsage();
  await systemTimers.sleep(seconds * 1000);
  const { user, system } = process.cpuUsage(cpuBefore);
  const toMs = clock.monotonicMs();
  const rssKb = pids.map((pid) => usageOf(pid).rssKb);
  await systemTimers.sleep(graceMs);
  const window = { fromMs, toMs, looks };
  const pace = toAgent.pace(window);
  const slices = slicesOf(looks).map((slice, i) => ({ ...slice, i }));
  const inWindow = slices.filter((slice) => slice.fromMs >= fromMs && slice.toMs <= toMs);
  const quiet = inWindow.filter((slice) => slice.isQuiet);
  return {
    streams,
    seconds,
    paceMs: pace.undisturbed,
    paceUnfilteredMs: pace.all,
    agentPaceMs: toCarrier.pace(window).undisturbed,
    toAgent: toAgent.report(window),
    toCarrier: toCarrier.report(window),
    slices: inWindow.length,
    slicesKept: quiet.length,
    targets: pids.map((pid, t) => ({
      pid,
      cpuMsPerStreamSecond: cpuIn(quiet, t),
      cpuMsPerStreamSecondUnfiltered: cpuIn(inWindow, t),
      rssKb: rssKb[t],
      rssKbBefore: before[t],
    })),
    cpuMsPerStreamSecond: round((user + system) / 1000 / ((streams * (toMs - fromMs)) / 1000)),
    node: process.version,
  };
}

function cpuIn(slices: readonly { fromMs: number; toMs: number; i: number }[], target: number): number | null {
  let [cpuMs, ms] = [0, 0];
  for (const { fromMs, toMs, i } of slices) {
    cpuMs += cpuAtLook[i + 1]![target]! - cpuAtLook[i]![target]!;
    ms += toMs - fromMs;
  }
  return ms === 0 ? null : round(cpuMs / ((streams * ms) / 1000));
}

async function openAll(): Promise<LoadStream[]> {
  const all: LoadStream[] = [];
  let next = 0;
  async function openSome(): Promise<void> {
    for (let index = next++; index < streams && lost === 0; index = next++) {
      const numbered = (text: string): string =>
        text.replace(/\{n(?::(\d+))?\}/g, (_, digits?: string) => String(index).padStart(Number(digits ?? 0), '0'));
      const pairs = values.parameter.map((pair) => numbered(pair).split(/=(.*)/s).slice(0, 2));
      all.push(
        await openLoadStream({
          index,
          url: numbered(url),
          parameters: Object.fromEntries(pairs) as Record<string, string>,
          authToken: values['auth-token'],
          ticker,
          toAgent,
          toCarrier,
          onLost(why) {
            lost++;
            if (lost <= 3) say(`stream ${index}: ${why}`);
          },
        }),
      );
    }
  }
  await Promise.all(Array.from({ length: openAtOnce }, openSome));
  return all;
}

/** On stderr: stdout is for the result alone. */
function say(what: string): void {
  process.stderr.write(`${what}\n`);
}

function wholeNumber(name: string, text: string): number {
  const value = Number(text);
  return Number.isSafeInteger(value) && value > 0 ? value : usage(`--${name} must be a whole number above 0`);
}

function usage(why: string): never {
  say(why);
  return process.exit(2);
}
