import type { CallView, TranscriptView } from '@onhook/contracts';
import type { Timers } from '@onhook/service';
import type { Api } from './api.js';
import { outcomeOf, transcriptText } from './call-lines.js';
import type { Terminal } from './terminal.js';

interface WatchDeps {
  readonly api: Api;
  readonly terminal: Terminal;
  readonly timers: Pick<Timers, 'sleep'>;
  readonly signal: AbortSignal;
  /** Says nothing: the caller wants JSON alone. */
  readonly isSilent: boolean;
}

const LOOK_EVERY_MS = 500;

/** Shows how a call stands and what is said in it, line by line, until it is over. Resolves with the call as it ended. */
export async function watchCall(id: string, { api, terminal, timers, signal, isSilent }: WatchDeps): Promise<CallView> {
  const say = (line: string): void => (isSilent ? undefined : terminal.out(line));
  let shown = '';
  let linesShown = 0;
  for (;;) {
    const call = await api.get<CallView & { transcript?: TranscriptView | null }>(`/v1/calls/${id}`, { include: 'transcript' });
    const stands = `${call.status}${call.waitReason ?? ''}`;
    if (stands !== shown && call.status !== 'ended') say(`${terminal.paint('dim', call.id)}  ${outcomeOf(call, terminal)}`);
    shown = stands;
    const lines = call.transcript?.data ?? [];
    for (const line of lines.slice(linesShown)) say(transcriptText(line, terminal));
    linesShown = Math.max(linesShown, lines.length);
    if (call.status === 'ended') {
      say(`${terminal.paint('dim', call.id)}  ${outcomeOf(call, terminal)}  ${call.hint ?? ''}`.trimEnd());
      return call;
    }
    await timers.sleep(LOOK_EVERY_MS, signal);
  }
}
