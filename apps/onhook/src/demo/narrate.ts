import type { TimelineEntryView } from '@onhook/contracts';
import { numberOf, textOf, type LedgerEntry } from './ledger-tail.js';

const clip = (text: string): string => (text.length > 90 ? `${text.slice(0, 87)}…` : text);

/** What the terminal says of one event of the call's own timeline; null for what would only repeat. */
export function narrateTimeline(entry: TimelineEntryView, before: TimelineEntryView | undefined): string | null {
  if (entry.effect !== 'moved' || entry.state === before?.state) return null;
  switch (entry.state) {
    case 'ending':
      return `ending     ${String(entry.detail['cause'] ?? entry.event)}`;
    case 'settling':
      return 'hung up    the carrier says that the call is over';
    case 'ended':
      return 'ended      everything is settled';
    default:
      return entry.state;
  }
}

/** What the terminal says of one line of the ledger. The demonstration is the one place where spoken words are shown. */
export function narrateLedger(entry: LedgerEntry, farewell: string | undefined): string | null {
  switch (entry.kind) {
    case 'line-heard':
      if (entry['text'] === farewell) {
        return `goodbye    "${clip(textOf(entry, 'text'))}"  (heard ${heardMs(entry)} of ${Math.round(numberOf(entry, 'ofMs'))} ms)`;
      }
      return `agent      "${clip(textOf(entry, 'text'))}"  (${heardMs(entry)} ms heard)`;
    case 'callee-spoke':
      return `callee     "${clip(textOf(entry, 'text'))}"`;
    case 'agent-tool-call':
      return `end_call   the agent calls ${textOf(entry, 'name')}`;
    case 'carrier-ended':
      return `carrier    ended: ${textOf(entry, 'status')}, by ${textOf(entry, 'by')}`;
    default:
      return null;
  }
}

const heardMs = (entry: LedgerEntry): number => Math.round(numberOf(entry, 'toMs') - numberOf(entry, 'fromMs'));
