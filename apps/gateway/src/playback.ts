import { MU_LAW_BYTES_PER_MS } from '@onhook/audio';

/**
 * What the callee has heard of the agent. Pure bookkeeping: moments come in, nothing is sent from here.
 *
 * All audio that was ever sent is one line of bytes; an item is one or more stretches of it. Marks stand on that line:
 * a mark's echo proves that everything before it was played, unless `clear` released it. Between two echoes the head is
 * reckoned by the clock, and never taken past a mark that has not come back.
 */
export interface Playback {
  /** @returns false: drop it, its turn was cancelled */
  generated(bytes: number, item: PlaybackItem, atMs: number): boolean;
  /** False: its audio is dropped. */
  acceptsTurn(turnId: string): boolean;
  /** A mark to send now, behind everything accepted so far. Names never repeat. */
  mark(): string;
  /** Whether so much was sent since the last mark that another is due. */
  markIsDue(): boolean;
  /** `heard`: proof. `released`: a `clear` let it go, it proves nothing. `unknown`: never sent, or echoed before. */
  echoed(name: string, atMs: number): 'heard' | 'released' | 'unknown';
  /** The callee speaks. Null: nothing was unheard, and nothing is to be done. Else send `clear` and tell the agent. */
  interrupt(atMs: number): Interruption | null;
  /** Late audio of this turn is dropped from now on. */
  cancelTurn(turnId: string): void;
  /** How much the carrier still has to play. 0 only if all is proven heard (or its echo is overdue). */
  unheardMs(atMs: number): number;
  /** Heard milliseconds of one item, reckoned. */
  heardMs(itemId: string, atMs: number): number;
  /** What will have been heard of it when all that was sent and not cleared has been played. */
  heardInTheEndMs(itemId: string): number;
  /** Null: there never was audio of it. */
  item(itemId: string, atMs: number): PlayedItem | null;
  totals(atMs: number): PlaybackTotals;
}

export interface PlaybackItem {
  readonly turnId: string;
  readonly itemId: string;
}

export interface Interruption {
  /** Every item that was not heard to its end, in order: until where it was heard. Whole milliseconds, never beyond what was sent. */
  readonly items: readonly { readonly itemId: string; readonly heardMs: number }[];
  readonly clearedMs: number;
}

/** What became of one item. Whole milliseconds; moments are those of the stream. */
export interface PlayedItem {
  readonly generatedMs: number;
  readonly heardMs: number;
  /** When it began to be heard; for one that was not, when it was generated. */
  readonly fromMs: number;
  readonly toMs: number;
}

interface PlaybackTotals {
  readonly generatedMs: number;
  readonly sentMs: number;
  readonly heardMs: number;
  readonly clearedMs: number;
  readonly droppedMs: number;
}

export interface PlaybackLimits {
  /** A mark at least this often, so that the heard millisecond is known well. */
  readonly markEveryMs: number;
  /** A mark that is this late counts as lost (carriers do lose some): the clock is believed again. */
  readonly markOverdueMs: number;
}

interface Stretch {
  readonly item: PlaybackItem;
  readonly from: number;
  to: number;
}

interface Item {
  /** Bytes, those that were dropped or cleared included. */
  generated: number;
  /** Bytes before `proven`, and when they were played. */
  heard: number;
  heardFromMs: number | null;
  heardToMs: number;
  readonly generatedAtMs: number;
}

/** @param name starts every mark of this stream; unique among the streams of a process */
export function createPlayback(name: string, limits: PlaybackLimits = { markEveryMs: 500, markOverdueMs: 1_000 }): Playback {
  /** Positions on the line of sent bytes. */
  let sent = 0;
  let proven = 0;
  let lastMarkAt = 0;
  /** The head was here at that moment; between echoes it moves on by the clock. */
  let anchor = { at: 0, position: 0 };

  let generatedBytes = 0;
  let droppedBytes = 0;
  let clearedBytes = 0;

  let generation = 0;
  let markCount = 0;
  let marks: { name: string; position: number }[] = [];
  const released = new Set<string>();

  let stretches: Stretch[] = [];
  const items = new Map<string, Item>();
  const cancelled = new Set<string>();

  function byClock(atMs: number): number {
    return anchor.position + Math.max(0, atMs - anchor.at) * MU_LAW_BYTES_PER_MS;
  }

  function head(atMs: number): number {
    const reckoned = byClock(atMs);
    const overdue = limits.markOverdueMs * MU_LAW_BYTES_PER_MS;
    const awaited = marks.find((mark) => mark.position > proven && mark.position + overdue > reckoned);
    // Without a mark that is still to come, sent audio counts as unheard until a mark would have been overdue.
    const limit = awaited ? awaited.position - 1 : sent + overdue > reckoned && sent > proven ? sent - 1 : sent;
    return Math.max(proven, Math.min(Math.floor(reckoned), limit));
  }

  /** When a position is, or was, played, as far as the clock can tell. */
  function moment(position: number): number {
    return anchor.at + (position - anchor.position) / MU_LAW_BYTES_PER_MS;
  }

  function prove(position: number, atMs: number): void {
    for (const { item, from, to } of stretches) {
      const [begin, end] = [Math.max(from, proven), Math.min(to, position)];
      if (end <= begin) continue;
      const known = items.get(item.itemId)!;
      known.heard += end - begin;
      known.heardToMs = atMs - (position - end) / MU_LAW_BYTES_PER_MS;
      known.heardFromMs ??= Math.min(moment(begin), known.heardToMs);
    }
    stretches = stretches.filter(({ to }) => to > position);
    proven = position;
    anchor = { at: atMs, position };
  }

  /** Writes off what is overdue, before the clock is set anew and could no longer tell. */
  function believe(atMs: number): void {
    const due = byClock(atMs) - limits.markOverdueMs * MU_LAW_BYTES_PER_MS;
    const position = due >= sent ? sent : (marks.findLast((mark) => mark.position <= due)?.position ?? 0);
    if (position > proven) prove(position, atMs);
  }

  function heardBytes(itemId: string, until: number): number {
    let bytes = items.get(itemId)?.heard ?? 0;
    for (const { item, from, to } of stretches) {
      if (item.itemId === itemId) bytes += Math.max(0, Math.min(to, until) - Math.max(from, proven));
    }
    return bytes;
  }

  return {
    generated(bytes, item, atMs) {
      generatedBytes += bytes;
      const known = items.get(item.itemId);
      if (known) known.generated += bytes;
      else if (bytes > 0)
        items.set(item.itemId, { generated: bytes, heard: 0, heardFromMs: null, heardToMs: atMs, generatedAtMs: atMs });
      if (cancelled.has(item.turnId)) {
        droppedBytes += bytes;
        return false;
      }
      if (bytes === 0) return true;
      // The carrier's queue had run empty: what comes now starts to play now.
      if (byClock(atMs) >= sent) {
        believe(atMs);
        anchor = { at: atMs, position: sent };
      }
      const last = stretches.at(-1);
      if (last && last.to === sent && last.item.itemId === item.itemId) last.to += bytes;
      else stretches.push({ item, from: sent, to: sent + bytes });
      sent += bytes;
      return true;
    },

    mark() {
      const mark = { name: `${name}:g${generation}:m${markCount++}`, position: sent };
      marks.push(mark);
      lastMarkAt = sent;
      return mark.name;
    },

    markIsDue: () => sent - lastMarkAt >= limits.markEveryMs * MU_LAW_BYTES_PER_MS,

    echoed(markName, atMs) {
      if (released.delete(markName)) return 'released';
      const index = marks.findIndex((mark) => mark.name === markName);
      if (index === -1) return 'unknown';
      // Marks come back in order: the ones before it that did not were lost on their way, their audio was played.
      const { position } = marks[index]!;
      marks = marks.slice(index + 1);
      if (position > proven) prove(position, atMs);
      return 'heard';
    },

    interrupt(atMs) {
      const until = head(atMs);
      if (until >= sent) return null;
      const unheard: { itemId: string; heardMs: number }[] = [];
      for (const { item, to } of stretches) {
        if (to <= until) continue;
        cancelled.add(item.turnId);
        if (unheard.some(({ itemId }) => itemId === item.itemId)) continue;
        unheard.push({ itemId: item.itemId, heardMs: Math.floor(heardBytes(item.itemId, until) / MU_LAW_BYTES_PER_MS) });
      }
      prove(until, atMs);
      const cleared = sent - until;
      clearedBytes += cleared;
      stretches = [];
      proven = sent;
      anchor = { at: atMs, position: sent };
      for (const mark of marks) released.add(mark.name);
      marks = [];
      lastMarkAt = sent;
      generation++;
      return { items: unheard, clearedMs: cleared / MU_LAW_BYTES_PER_MS };
    },

    acceptsTurn: (turnId) => !cancelled.has(turnId),
    cancelTurn: (turnId) => void cancelled.add(turnId),
    unheardMs: (atMs) => (sent - head(atMs)) / MU_LAW_BYTES_PER_MS,
    heardMs: (itemId, atMs) => Math.floor(heardBytes(itemId, head(atMs)) / MU_LAW_BYTES_PER_MS),
    heardInTheEndMs: (itemId) => Math.floor(heardBytes(itemId, sent) / MU_LAW_BYTES_PER_MS),
    item(itemId, atMs) {
      const known = items.get(itemId);
      if (!known) return null;
      const until = head(atMs);
      const heard = heardBytes(itemId, until);
      const playing = stretches.filter(({ item, from }) => item.itemId === itemId && from < until);
      const fromMs = known.heardFromMs ?? (playing[0] ? moment(Math.max(playing[0].from, proven)) : known.generatedAtMs);
      const toMs = playing.length > 0 ? moment(Math.min(playing.at(-1)!.to, until)) : known.heardToMs;
      return {
        generatedMs: Math.floor(known.generated / MU_LAW_BYTES_PER_MS),
        heardMs: Math.floor(heard / MU_LAW_BYTES_PER_MS),
        fromMs: Math.round(fromMs),
        toMs: Math.round(Math.max(fromMs, Math.min(toMs, atMs))),
      };
    },
    totals: (atMs) => ({
      generatedMs: generatedBytes / MU_LAW_BYTES_PER_MS,
      sentMs: sent / MU_LAW_BYTES_PER_MS,
      heardMs: (head(atMs) - clearedBytes) / MU_LAW_BYTES_PER_MS,
      clearedMs: clearedBytes / MU_LAW_BYTES_PER_MS,
      droppedMs: droppedBytes / MU_LAW_BYTES_PER_MS,
    }),
  };
}
