import type { CallView, TranscriptView } from '@onhook/contracts';
import { duration, plain, table, type Terminal } from './terminal.js';

type Painter = Pick<Terminal, 'paint'>;

/** Where a call stands, in a few words: why it waits and until when, what it does, or how it ended. */
export function outcomeOf(call: CallView, { paint }: Painter): string {
  if (call.status !== 'ended') {
    const until = call.nextAttemptAt ? ` until ${call.nextAttemptAt.slice(0, 19).replace('T', ' ')}` : '';
    return paint('cyan', call.waitReason === null ? call.status : `${call.status}: ${call.waitReason}${until}`);
  }
  const talked = call.durationMs === null ? '' : ` after ${duration(call.durationMs)}`;
  const attempts = call.attempts.length > 1 ? `, attempt ${call.attempts.length}` : '';
  return paint(COLOUR[call.causeGroup ?? 'error'] ?? 'red', `${call.cause ?? 'ended'}${talked}${attempts}`);
}

const COLOUR: Readonly<Record<string, 'green' | 'yellow' | 'red'>> = {
  completed: 'green',
  'not-connected': 'yellow',
  'not-dialed': 'yellow',
  stopped: 'yellow',
  error: 'red',
};

export const callLine = (call: CallView, painter: Painter): string =>
  `${call.id}  ${call.to}  ${outcomeOf(call, painter)}${call.hint ? painter.paint('dim', `  ${call.hint}`) : ''}`;

export function describeCall(call: CallView & { transcript?: TranscriptView | null }, terminal: Painter): string[] {
  const { paint } = terminal;
  const facts = [
    ['call', call.id],
    ['to', call.to],
    ['from', call.from ?? '–'],
    ['agent', call.agentId],
    ['stands', outcomeOf(call, terminal)],
    ...(call.hint ? [['', paint('dim', call.hint)]] : []),
    ...(call.endedBy ? [['ended by', `${call.endedBy}${call.endedParty ? `, wanted by ${call.endedParty}` : ''}`]] : []),
    ...(call.answeredBy ? [['answered by', call.answeredBy]] : []),
    ...(call.recording.url ? [['recording', call.recording.url]] : []),
  ];
  const attempts = call.attempts.map(
    (one) => `  ${one.number}. ${one.dialedAt.slice(11, 19)}  ${one.carrierCallId ?? 'no leg'}  ${one.cause ?? 'live'}`,
  );
  const timeline = (call.timeline ?? []).map((one) => [
    `  ${(one.atMs / 1_000).toFixed(2)} s`,
    one.event,
    one.state,
    paint('dim', one.source),
  ]);
  const said = (call.transcript?.data ?? []).map((line) => `  ${transcriptText(line, terminal)}`);
  return [
    ...table(facts),
    ...(attempts.length > 0 ? ['', paint('bold', 'attempts'), ...attempts] : []),
    ...(timeline.length > 0 ? ['', paint('bold', 'timeline'), ...table(timeline)] : []),
    ...(said.length > 0 ? ['', paint('bold', 'as it was heard'), ...said] : []),
  ];
}

/** What was silenced before the callee heard it is told apart. */
export function transcriptText(line: TranscriptView['data'][number], { paint }: Painter): string {
  const who = line.who === 'agent' ? paint('cyan', 'agent ') : paint('green', 'callee');
  const cleared = line.cleared ? paint('dim', ` (unheard: ${plain(line.cleared)})`) : '';
  return `${paint('dim', `${(line.fromMs / 1_000).toFixed(1).padStart(6)} s`)}  ${who}  ${plain(line.text)}${cleared}`;
}
