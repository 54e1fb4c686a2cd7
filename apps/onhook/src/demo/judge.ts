import type { CallView } from '@onhook/contracts';
import { numberOf, textOf, type LedgerEntry } from './ledger-tail.js';
import { contains, loudMs, readRecording, type StereoRecording } from './recording.js';

/** Less of a goodbye than this nobody takes for one. */
const LEAST_GOODBYE_MS = 1_000;
/** The callee hears in frames of 20 ms: a line counts from the beginning of the frame in which it began. Far less than a line lasts. */
const ONE_FRAME_EARLIER_MS = 100;
/** Speech has pauses and soft sounds: this share of the spoken time must be loud in the recording. */
const LEAST_LOUD_SHARE = 0.2;

export interface Evidence {
  readonly call: CallView;
  /** This call's lines, oldest first. */
  readonly ledger: readonly LedgerEntry[];
  readonly recordingFile: Uint8Array | null;
  readonly recordingPath: string | null;
  /** By the kernel's count; null where it cannot be asked. */
  readonly openSockets: number | null;
  /** Whether not to know is a fault: it is on Linux. */
  readonly socketsMustBeCounted: boolean;
  readonly setupMs: number;
  readonly callMs: number;
}

/** All figures are the simulator's or the kernel's, none is ours; milliseconds rounded to whole ones. */
export interface Figures {
  readonly disposition: string | null;
  readonly cause: string | null;
  readonly endedBy: string | null;
  readonly endedParty: string | null;
  readonly endToCarrierEndedMs: number | null;
  readonly goodbyeGeneratedMs: number;
  readonly goodbyeHeardMs: number;
  readonly goodbyeCutMs: number;
  readonly agentSpokeMs: number;
  readonly calleeSpokeMs: number;
  readonly turns: number;
  readonly openSockets: number | null;
  readonly recording: string | null;
  readonly setupMs: number;
  readonly callMs: number;
}

/** Pure: what happened, and what is wrong with it. */
export function judge(evidence: Evidence): { figures: Figures; faults: string[] } {
  const { call, ledger } = evidence;
  const of = (kind: string): LedgerEntry[] => ledger.filter((entry) => entry.kind === kind);
  const sum = (kind: string, fact: string): number => of(kind).reduce((total, entry) => total + numberOf(entry, fact), 0);

  const farewell = of('agent-spoke').findLast((entry) => entry['farewell'] === true);
  // The same words may have been said before: only what began after this farewell did is this farewell.
  const heard = of('line-heard').filter(
    (entry) =>
      entry['text'] === farewell?.['text'] &&
      numberOf(entry, 'startedAt') >= numberOf(farewell, 'startedAt') - ONE_FRAME_EARLIER_MS,
  );
  const ended = of('carrier-ended').at(-1);
  const generatedMs = farewell ? numberOf(farewell, 'generatedMs') : 0;
  const heardMs = heard.reduce((total, entry) => total + numberOf(entry, 'toMs') - numberOf(entry, 'fromMs'), 0);
  const lastPlayed = heard.length > 0 ? Math.max(...heard.map((entry) => numberOf(entry, 'lastPlayedMono'))) : null;

  const figures: Figures = {
    disposition: call.disposition,
    cause: call.cause,
    endedBy: call.endedBy,
    endedParty: call.endedParty,
    endToCarrierEndedMs: ended && lastPlayed !== null ? Math.round(ended.mono - lastPlayed) : null,
    goodbyeGeneratedMs: Math.round(generatedMs),
    goodbyeHeardMs: Math.round(heardMs),
    goodbyeCutMs: Math.max(0, Math.round(generatedMs - heardMs)),
    agentSpokeMs: Math.round(sum('played', 'ms')),
    calleeSpokeMs: Math.round(sum('callee-spoke', 'spokenMs')),
    turns: of('line-heard').length + of('callee-spoke').length,
    openSockets: evidence.openSockets,
    recording: evidence.recordingPath,
    setupMs: evidence.setupMs,
    callMs: evidence.callMs,
  };
  const faults = [...faultsOfTheFigures(figures), ...faultsOfTheEnd(figures, ended), ...faultsOfTheSockets(evidence)];
  return { figures, faults: [...faults, ...faultsOfTheRecording(evidence, figures, farewell)] };
}

/** A comparison with what is no number is never true: without this a missing fact would pass every check. */
function faultsOfTheFigures(figures: Figures): string[] {
  const faults = Object.entries(figures)
    .filter(([, value]) => typeof value === 'number' && !Number.isFinite(value))
    .map(([name]) => `${name} is no number`);
  const { endToCarrierEndedMs } = figures;
  if (endToCarrierEndedMs === null) faults.push('endToCarrierEndedMs is unknown');
  else if (endToCarrierEndedMs < 0)
    faults.push(`the carrier ended the call ${-endToCarrierEndedMs} ms before the goodbye was over`);
  return faults;
}

function faultsOfTheSockets({ openSockets, socketsMustBeCounted }: Evidence): string[] {
  if (openSockets === null) return socketsMustBeCounted ? ['the open sockets could not be counted'] : [];
  return openSockets > 0 ? [`${openSockets} sockets are still open`] : [];
}

function faultsOfTheEnd(figures: Figures, ended: LedgerEntry | undefined): string[] {
  const faults: string[] = [];
  if (!ended) faults.push('the carrier has not ended the call');
  else if (textOf(ended, 'status') !== 'completed') faults.push(`the carrier ended the call as ${textOf(ended, 'status')}`);
  if (figures.disposition !== 'completed') faults.push(`the record says disposition ${figures.disposition}`);
  if (figures.cause !== 'agent-ended-call') faults.push(`the record says cause ${figures.cause}, not agent-ended-call`);
  if (figures.goodbyeHeardMs < LEAST_GOODBYE_MS) faults.push(`only ${figures.goodbyeHeardMs} ms of goodbye were heard`);
  if (figures.goodbyeCutMs > 0) faults.push(`${figures.goodbyeCutMs} ms of the goodbye were cut`);
  return faults;
}

function faultsOfTheRecording({ recordingFile }: Evidence, figures: Figures, farewell: LedgerEntry | undefined): string[] {
  if (!recordingFile) return ['there is no recording'];
  let recording: StereoRecording;
  try {
    recording = readRecording(recordingFile);
  } catch (error) {
    return [(error as Error).message];
  }
  const faults: string[] = [];
  for (const [side, spokenMs, channel] of [
    ['agent', figures.agentSpokeMs, recording.agent],
    ['callee', figures.calleeSpokeMs, recording.callee],
  ] as const) {
    if (!(spokenMs > 0)) faults.push(`the ${side} never spoke`);
    else if (loudMs(channel) < spokenMs * LEAST_LOUD_SHARE) faults.push(`the ${side}'s channel is silent in the recording`);
  }
  const tail = Buffer.from(textOf(farewell, 'tailBase64'), 'base64');
  if (!contains(recording.agent, tail)) faults.push('the last millisecond of the farewell is missing in the recording');
  return faults;
}
