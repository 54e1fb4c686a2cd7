import type { TranscriptLine } from '@onhook/contracts';
import type { PlayedItem } from './playback.js';

/**
 * Who said what, and what of it was heard. Pure: moments come in. The agent's words count as said when they were heard; what was
 * generated and then silenced is told apart.
 */
export interface HeardTranscript {
  /** `text`: all of the item so far. */
  agentSaid(itemId: string, text: string): void;
  /** The first audio of an item was sent, so long after the callee had stopped speaking. */
  answered(itemId: string, latencyMs: number): void;
  calleeStarted(atMs: number, itemId?: string): void;
  calleeStopped(atMs: number): void;
  calleeSaid(itemId: string, text: string, atMs: number): void;
  /** What the callee did without speaking: keys that were pressed. */
  calleeDid(text: string, atMs: number): void;
  lines(item: (itemId: string) => PlayedItem | null): TranscriptLine[];
  /** More was said than is kept. */
  isTruncated(): boolean;
}

interface Utterance {
  itemId: string | null;
  text: string;
  readonly fromMs: number;
  toMs: number | null;
}

/** Far more than fits into the longest call, and little enough to be kept for each. */
const MAX_CHARACTERS = 200_000;
const MAX_LINES = 4_000;

export function createTranscript(): HeardTranscript {
  const agent = new Map<string, { text: string; latencyMs?: number }>();
  const callee: Utterance[] = [];
  let characters = 0;
  let truncated = false;

  function fits(more: number): boolean {
    if (characters + more > MAX_CHARACTERS || agent.size + callee.length >= MAX_LINES) truncated = true;
    else characters += more;
    return !truncated;
  }

  function agentItem(itemId: string): { text: string; latencyMs?: number } {
    const known = agent.get(itemId) ?? { text: '' };
    agent.set(itemId, known);
    return known;
  }

  /** Words come after the speech, and sometimes without saying whose; then they belong to the oldest speech without words. */
  function speechOf(itemId: string): Utterance | undefined {
    return (
      callee.find((one) => one.itemId === itemId) ??
      callee.find((one) => one.itemId === null && one.text === '' && one.toMs !== null) ??
      callee.find((one) => one.itemId === null && one.text === '')
    );
  }

  return {
    agentSaid(itemId, text) {
      const before = agent.get(itemId)?.text.length ?? 0;
      if (fits(Math.max(0, text.length - before))) agentItem(itemId).text = text;
    },
    answered: (itemId, latencyMs) => void (agentItem(itemId).latencyMs = latencyMs),
    calleeStarted(atMs, itemId) {
      if (fits(0)) callee.push({ itemId: itemId ?? null, text: '', fromMs: atMs, toMs: null });
    },
    calleeStopped(atMs) {
      const last = callee.at(-1);
      if (last) last.toMs ??= atMs;
    },
    calleeSaid(itemId, text, atMs) {
      const speech = speechOf(itemId);
      if (!fits(Math.max(0, text.length - (speech?.text.length ?? 0)))) return;
      if (!speech) return void callee.push({ itemId, text, fromMs: atMs, toMs: atMs });
      speech.itemId = itemId;
      speech.text = text;
    },
    calleeDid(text, atMs) {
      if (fits(text.length)) callee.push({ itemId: '', text, fromMs: atMs, toMs: atMs });
    },
    lines(item) {
      const said: TranscriptLine[] = [];
      for (const [itemId, { text, latencyMs }] of agent) {
        const played = item(itemId);
        if (!played || text.trim() === '') continue;
        const { heard, cleared } = splitHeard(text, played);
        const { fromMs, toMs } = played;
        const extra = { ...(cleared !== '' && { cleared }), ...(latencyMs !== undefined && { latencyMs }) };
        said.push({ who: 'agent', text: heard, fromMs, toMs, ...extra });
      }
      for (const { text, fromMs, toMs } of callee) {
        if (text.trim() !== '')
          said.push({ who: 'callee', text: text.trim(), fromMs: Math.round(fromMs), toMs: Math.round(toMs ?? fromMs) });
      }
      return said.toSorted((a, b) => a.fromMs - b.fromMs);
    },
    isTruncated: () => truncated,
  };
}

/** The last frame of an item may be counted as unheard: nobody misses a word in it. */
const ROUNDING_MS = 40;

/**
 * Words have no clock: the share of the item's audio that was heard is the share of its text, back to the end of a word (to the
 * character in languages that write without spaces).
 */
export function splitHeard(text: string, { heardMs, generatedMs }: Pick<PlayedItem, 'heardMs' | 'generatedMs'>) {
  const whole = text.trim();
  if (heardMs >= generatedMs - ROUNDING_MS) return { heard: whole, cleared: '' };
  const characters = Array.from(whole);
  let cut = Math.floor((characters.length * heardMs) / generatedMs);
  if (/\s/.test(whole)) while (cut > 0 && !/\s/.test(characters[cut]!)) cut--;
  return { heard: characters.slice(0, cut).join('').trim(), cleared: characters.slice(cut).join('').trim() };
}
