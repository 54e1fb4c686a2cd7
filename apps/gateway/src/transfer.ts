import { currentAttempt } from '@onhook/call';
import type { Carrier, Redirect, RedirectOutcome } from '@onhook/carrier';
import { afterTransferPath, transferPath, type E164, type TransferTool } from '@onhook/contracts';
import type { Logger, Timer, Timers } from '@onhook/service';
import type { Applied, Calls } from '@onhook/store';
import type { Perform } from './effects.js';
import type { Farewell } from './farewell.js';
import type { Report } from './reports.js';
import type { Speaker } from './speaker.js';
import type { AcceptedStream } from './stream-intake.js';
import type { ToolAnswer } from './toolbox.js';

/**
 * The way out of a conversation to somebody else:
 *
 *     idle ── transfer_call ──▶ announcing ── turn done ──▶ draining ── echo of its last mark ──▶ redirecting ── stop ──▶ (over)
 *       ▲                           │                          │                                      │
 *       └─────────── the callee speaks ────────────────────────┴──────────── refused, or in doubt ────┘
 *
 * From the commit of `transfer-asked` on nothing of ours may end the call: the redirect may already have connected two people.
 */
export interface Transfer {
  /** Null: the tool call is answered when something is known. */
  begin(wish: { readonly toolCallId: string; readonly turnId: string; readonly targetId: string }): ToolAnswer | null;
  turnDone(turnId: string): void;
  /** A mark came back, and was heard. */
  heard(mark: string): void;
  calleeSpoke(): void;
  /** Wanted, and not yet known how it goes. */
  isPending(): boolean;
  /** True: not now. The wish is kept, and done if the transfer fails. */
  holds(wish: () => void): boolean;
  /** There is no agent any more. True: the transfer goes on, behind what was announced. The wish is kept, and done if it fails. */
  agentLost(wish: () => void): boolean;
  /** The sockets are closed. */
  stop(): void;
}

export interface TransferDeps {
  readonly stream: AcceptedStream;
  readonly tool: TransferTool;
  /** Where the carrier reaches the api; without a slash at its end. */
  readonly publicUrl: string;
  readonly calls: Pick<Calls, 'apply'>;
  readonly perform: Perform;
  readonly report: Report;
  readonly carrier: Pick<Carrier, 'redirect'>;
  readonly speaker: Pick<Speaker, 'mark' | 'unheardMs'>;
  readonly farewell: Pick<Farewell, 'isInProgress'>;
  readonly answer: (toolCallId: string, answer: ToolAnswer) => void;
  readonly timers: Pick<Timers, 'after'>;
  readonly elapsedMs: () => number;
  /** Neither closing nor asked to end. */
  readonly isOpen: () => boolean;
  readonly guarded: (run: () => void) => void;
  readonly logger: Logger;
}

interface Wish {
  readonly toolCallId: string;
  readonly turnId: string;
  readonly targetId: string;
}

type State =
  | { readonly phase: 'idle' }
  | { readonly phase: 'announcing'; readonly wish: Wish }
  | { readonly phase: 'draining'; readonly wish: Wish; readonly mark: string }
  | { readonly phase: 'redirecting'; readonly wish: Wish }
  | { readonly phase: 'over' };

/** A turn that finds no end is not waited for. */
const ANNOUNCE_WITHIN_MS = 7_000;
/** Between the moment at which the last mark should come back and going on without it. */
const DRAIN_SLACK_MS = 2_000;
/** A redirect takes the stream away in a fraction of a second. One whose answer was lost and that has not done so by now does not run. */
const DOUBT_MS = 4_000;
/** What the carrier's own limit has over ours, so that it is the last layer and not the first. */
const TIME_LIMIT_SLACK_SEC = 30;

export function createTransfer(deps: TransferDeps): Transfer {
  const { stream, tool, publicUrl, calls, perform, report, carrier, speaker, farewell, timers, elapsedMs, guarded, logger } =
    deps;
  const { callId, attempt, streamSid, carrierCallId, call, acceptedAt } = stream;
  let state: State = { phase: 'idle' };
  let timer: Timer | null = null;
  let kept: (() => void)[] = [];

  function after(ms: number, run: () => void): void {
    timer?.cancel();
    timer = timers.after(ms, () => guarded(run));
  }

  function drain(wish: Wish): void {
    const unheardMs = speaker.unheardMs();
    if (unheardMs <= 0) return redirect(wish);
    state = { phase: 'draining', wish, mark: speaker.mark() };
    after(unheardMs + DRAIN_SLACK_MS, () => redirect(wish));
  }

  function redirect(wish: Wish): void {
    timer?.cancel();
    // Somebody has begun to end the call while the agent was announcing.
    if (!deps.isOpen() || farewell.isInProgress())
      return giveUp(wish, { output: 'The call is being ended already.', respond: false });
    state = { phase: 'redirecting', wish };
    carryOut(wish).catch((error: unknown) => {
      logger.error({ err: error }, 'transfer failed inside the gateway');
      guarded(() => failed(wish, { certain: false }));
    });
  }

  async function carryOut(wish: Wish): Promise<void> {
    const { targetId } = wish;
    let asked: Applied | null;
    try {
      asked = await calls.apply(callId, { type: 'transfer-asked', source: 'gateway', streamSid, targetId });
    } catch (error) {
      // The commit may stand or not; nothing was sent, and nothing will be.
      logger.warn({ err: error, targetId }, 'transfer could not be committed');
      return guarded(() => failed(wish, { certain: true }));
    }
    const isOurs = asked?.effects.some(({ type }) => type === 'redirect') === true;
    if (asked) void perform(asked.effects.filter(({ type }) => type !== 'redirect'));
    if (!isOurs) return guarded(() => giveUp(wish, { output: 'Not possible now: the call is being ended.', respond: false }));
    logger.info({ targetId }, 'transfer was asked');
    const outcome = await carrier.redirect(carrierCallId, redirectOf(targetId));
    logger.info({ targetId, ...outcome }, 'carrier answered the transfer');
    guarded(() => answered(wish, outcome));
  }

  function redirectOf(targetId: string): Redirect {
    const target = tool.targets[targetId]!;
    const { from, answeredAt } = currentAttempt(call)!;
    const elapsedSec = Math.ceil((elapsedMs() + Math.max(0, acceptedAt - (answeredAt ?? acceptedAt))) / 1_000);
    return {
      to: target.number as E164,
      from,
      ringTimeoutSec: tool.ringSeconds,
      limitSec: call.policy.transferLimitSec,
      timeLimitSec: elapsedSec + call.policy.transferLimitSec + TIME_LIMIT_SLACK_SEC,
      statusCallbackUrl: publicUrl + transferPath(callId, attempt),
      afterUrl: publicUrl + afterTransferPath(callId, attempt),
    };
  }

  function answered(wish: Wish, { outcome }: RedirectOutcome): void {
    switch (outcome) {
      case 'asked':
        // The stream is closed by the carrier now; if it is not, the record's deadline ends the call.
        return;
      case 'refused':
        return failed(wish, { certain: true });
      case 'unclear':
        if (state.phase === 'redirecting') after(DOUBT_MS, () => failed(wish, { certain: false }));
    }
  }

  /** The conversation goes on. The record is told beside it: a Redis that is away must not keep two people waiting. */
  function failed(wish: Wish, { certain }: { certain: boolean }): void {
    // The callee hung up in that very moment, and the record takes the closing of the stream for the redirect's.
    if (state.phase === 'over' && certain)
      return void report(callId, { type: 'transfer-ended', source: 'gateway', n: attempt, reached: false });
    if (state.phase !== 'redirecting') return;
    logger.warn({ targetId: wish.targetId, certain }, 'transfer did not come about');
    void report(callId, { type: 'transfer-failed', source: 'gateway', streamSid, ...(certain && { certain }) });
    giveUp(wish, { output: 'The transfer did not work. Apologise, and ask how else you can help.', respond: true });
  }

  function giveUp({ toolCallId }: Wish, why: ToolAnswer): void {
    if (state.phase === 'over') return;
    timer?.cancel();
    state = { phase: 'idle' };
    const wishes = kept;
    kept = [];
    deps.answer(toolCallId, why);
    for (const wish of wishes) wish();
  }

  return {
    begin(wish) {
      if (state.phase !== 'idle') return { output: 'The call is being transferred already.', respond: false };
      if (farewell.isInProgress()) return { output: 'The call is being ended already.', respond: false };
      logger.info({ targetId: wish.targetId }, 'agent called transfer_call');
      state = { phase: 'announcing', wish };
      after(ANNOUNCE_WITHIN_MS, () => drain(wish));
      return null;
    },
    turnDone(turnId) {
      if (state.phase === 'announcing' && state.wish.turnId === turnId) drain(state.wish);
    },
    heard(mark) {
      if (state.phase === 'draining' && state.mark === mark) redirect(state.wish);
    },
    calleeSpoke() {
      if (state.phase !== 'announcing' && state.phase !== 'draining') return;
      const output = 'The callee spoke, so the call was not transferred. Call transfer_call again if they still want it.';
      giveUp(state.wish, { output, respond: false });
    },
    isPending: () => state.phase !== 'idle' && state.phase !== 'over',
    holds(wish) {
      if (state.phase !== 'redirecting') return false;
      kept.push(wish);
      return true;
    },
    agentLost(wish) {
      if (state.phase === 'idle' || state.phase === 'over') return false;
      kept.push(wish);
      if (state.phase === 'announcing') drain(state.wish);
      return true;
    },
    stop() {
      timer?.cancel();
      state = { phase: 'over' };
      kept = [];
    },
  };
}
