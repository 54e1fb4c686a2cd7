import { mkdtempSync, rmSync } from 'node:fs';
import { cpus, tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { createLogger, silentLogger, systemClock, systemTimers } from '@onhook/service';
import { createLedger } from '../ledger.js';
import { agentLines, calleeLines, createSpeech, type Line, type Speech } from '../speech/index.js';
import { startLoad } from './carrier-load.js';
import { frameMs, round } from './lateness.js';
import { startReceiver } from './receiver-process.js';

/**
 * How many media streams one core of the simulator carries, and how punctually: `--streams` answered calls, whose callees
 * speak and are spoken to all the time, with the recogniser and the ledger (on disk) as in every run.
 */
const { values } = parseArgs({
  options: {
    json: { type: 'boolean', default: false },
    streams: { type: 'string', default: '400' },
    seconds: { type: 'string', default: '30' },
    'warm-up': { type: 'string', default: '8' },
  },
});
const streams = wholeNumber('streams', values.streams);
const seconds = wholeNumber('seconds', values.seconds);
const warmUpSec = wholeNumber('warm-up', values['warm-up']);
/** For opening all the streams, and for what is said at the end. */
const spareSec = 30 + streams / 50;

const dir = mkdtempSync(join(tmpdir(), 'onhook-bench-'));
const ledger = createLedger({
  clock: systemClock,
  timers: systemTimers,
  logger: createLogger({ name: 'bench', level: 'error' }),
  dir,
});
const receiver = await startReceiver();
try {
  const result = await run();
  if (values.json) process.stdout.write(`${JSON.stringify(result)}\n`);
  else for (const [name, value] of Object.entries(result)) process.stdout.write(`${name.padEnd(28)} ${JSON.stringify(value)}\n`);
} finally {
  receiver.end();
  await ledger.close();
  rmSync(dir, { recursive: true });
}

/** On stderr: stdout is for the result alone. */
function say(what: string): void {
  process.stderr.write(`${what}\n`);
}

async function run(): Promise<Record<string, unknown>> {
  say('rendering speech');
  const speech = createSpeech({ logger: silentLogger });
  const agentSays = await lines(speech, Object.values(agentLines), 'slt');
  const calleeSays = await lines(speech, Object.values(calleeLines), 'rms');
  // The voices hold a hundred megabytes, which are not the streams'. What was said is still recognised.
  await speech.close();

  const framesEach = Math.ceil(((warmUpSec + seconds + spareSec) * 1000) / frameMs);
  const pause = Buffer.alloc(400 * 8, 0xff);
  const said = Buffer.concat(agentSays.flatMap((line) => [line.audio, pause]));
  const { port } = await receiver.ask({ type: 'begin', streams, framesEach, speech: said.toString('base64') }, 'listening');
  say(`opening ${streams} streams`);
  const rssBefore = process.memoryUsage.rss();
  const load = await startLoad({ streams, port, speech, ledger, monologue: monologueOf(calleeSays, framesEach * frameMs) });
  say('warming up');
  await systemTimers.sleep(warmUpSec * 1000);
  say('measuring');

  const fromMs = systemClock.monotonicMs();
  const cpuBefore = process.cpuUsage();
  await systemTimers.sleep(seconds * 1000);
  const { user, system } = process.cpuUsage(cpuBefore);
  const toMs = systemClock.monotonicMs();
  const rssAfter = process.memoryUsage.rss();
  say('counting');
  // Frames that were due at the very end are still on their way.
  await systemTimers.sleep(500);
  // Before the receiver is asked: one that is overrun would never come to answer.
  await load.end();
  const { lateness, answers, cpuMs } = await receiver.ask(
    {
      type: 'report',
      firstDueMs: load.firstDueMs.map((dueMs) => receiver.toItsClock(dueMs)),
      fromMs: receiver.toItsClock(fromMs),
      toMs: receiver.toItsClock(toMs),
    },
    'report',
  );
  const streamSeconds = (streams * (toMs - fromMs)) / 1000;
  return {
    streams,
    seconds,
    cpuMsPerStreamSecond: round((user + system) / 1000 / streamSeconds),
    cpuInKernelMsPerStreamSecond: round(system / 1000 / streamSeconds),
    frameLatenessMs: lateness.undisturbed,
    frameLatenessUnfilteredMs: lateness.all,
    slices: lateness.slices,
    slicesKept: lateness.slicesKept,
    rssKbPerStream: Math.round((rssAfter - rssBefore) / 1024 / streams),
    frames: lateness.frames,
    framesMissing: lateness.missing,
    framesAnswered: answers,
    linesHeard: ledger.entries({ kind: 'line-heard' }).length,
    heardMs: Math.round(ledger.entries({ kind: 'stream-closed' }).reduce((sum, entry) => sum + Number(entry['playedMs']), 0)),
    ledgerEntries: ledger.entries().length,
    receiverCpuMs: Math.round(cpuMs),
    isPinned: receiver.isPinned,
    cpu: cpus()[0]?.model ?? 'unknown',
    node: process.version,
  };
}

async function lines(speech: Speech, texts: readonly string[], voice: string): Promise<Line[]> {
  const rendered: Line[] = [];
  for (const text of texts) rendered.push(await speech.line(text, voice));
  return rendered;
}

/** One line that does not end before the bench does. */
function monologueOf(parts: readonly Line[], ms: number): Line {
  const once = Buffer.concat(parts.map((part) => part.audio));
  const audio = Buffer.alloc(Math.ceil((ms * 8) / once.length) * once.length);
  for (let at = 0; at < audio.length; at += once.length) once.copy(audio, at);
  return { text: 'monologue', voice: 'rms', audio, durationMs: audio.length / 8 };
}

function wholeNumber(name: string, text: string): number {
  const value = Number(text);
  if (Number.isSafeInteger(value) && value > 0) return value;
  process.stderr.write(`--${name} must be a whole number above 0\n`);
  return process.exit(2);
}
