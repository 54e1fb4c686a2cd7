import type { LedgerWriter } from '../ledger.js';
import type { Line, Speech } from '../speech/index.js';
import { newSid } from '../sid.js';
import { openMediaStream, type MediaStream } from '../carrier/media-stream.js';
import { createTelephoneLine, type TelephoneLine } from '../carrier/telephone-line.js';
import { createTicker } from '../carrier/ticker.js';
import { systemChance, systemClock, systemTimers } from '@onhook/service';

/** Answered calls as the carrier runs them, each with a callee that talks on and a media stream to the receiver. */
export interface CarrierLoad {
  /** By stream: when its first frame was due: the first beat of its line. */
  firstDueMs: readonly number[];
  end(): Promise<void>;
}

export async function startLoad({
  streams,
  port,
  speech,
  ledger,
  monologue,
}: {
  streams: number;
  port: number;
  speech: Pick<Speech, 'createListener'>;
  ledger: LedgerWriter;
  /** What every callee says, from its first moment on. */
  monologue: Line;
}): Promise<CarrierLoad> {
  const ticker = createTicker({ clock: systemClock, timers: systemTimers });
  const firstDueMs: number[] = [];
  const opened: { line: TelephoneLine; stream: MediaStream }[] = [];
  const script = {
    hello: { lineMs: monologue.durationMs, afterMs: 0, when: 'always' as const },
    replyMs: [],
    pauseMs: 1000,
    replyAfterMs: 0,
  };

  async function open(index: number): Promise<() => void> {
    const callSid = newSid('CA', systemChance);
    const mine: LedgerWriter = { write: (kind, facts) => ledger.write(kind, { callSid, ...facts }) };
    const stream = openMediaStream({
      url: `ws://127.0.0.1:${port}/media/${index}`,
      parameters: {},
      streamSid: newSid('MZ', systemChance),
      callSid,
      accountSid: `AC${'0'.repeat(32)}`,
      authToken: 'bench',
      firstTimestampMs: 155,
      clock: systemClock,
      timers: systemTimers,
      chance: systemChance,
      ledger: mine,
    });
    const opening = await stream.opened;
    if (!opening.ok) throw new Error(`stream ${index} was refused: ${opening.why}`);
    return () => connect(index, stream, mine);
  }

  function connect(index: number, stream: MediaStream, mine: LedgerWriter): void {
    const line = createTelephoneLine({
      callee: { script, hello: monologue, replies: [], lines: [] },
      ticker: {
        ...ticker,
        add: (onDue) =>
          ticker.add((dueMs) => {
            firstDueMs[index] ??= dueMs;
            onDue(dueMs);
          }),
      },
      clock: systemClock,
      speech,
      ledger: mine,
      onHangUp: () => undefined,
    });
    line.connect(stream);
    opened.push({ line, stream });
  }

  // All are open before the first one sounds: a machine that is too small shows it in its frames, not in its openings.
  const connects: (() => void)[] = [];
  for (let index = 0; index < streams; index++) connects.push(await open(index));
  for (const connectOne of connects) connectOne();

  return {
    firstDueMs,
    async end() {
      for (const { line, stream } of opened) {
        line.end();
        stream.stop();
      }
      await Promise.all(opened.map(({ stream }) => stream.closed));
      ticker.close();
    },
  };
}
