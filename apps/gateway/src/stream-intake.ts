import type { CallIn } from '@onhook/call';
import { isCallId, STREAM_PARAMETERS, type CallId, type CarrierCallId, type GatewayId, type StreamSid } from '@onhook/contracts';
import type { Clock, Logger, Timers } from '@onhook/service';
import type { Applied, Calls } from '@onhook/store';
import { readCarrierMessage, type StreamStart } from './carrier-messages.js';
import type { Perform } from './effects.js';
import type { GatewayLimits } from './limits.js';
import type { MediaSocket } from './media-socket.js';
import type { Report } from './reports.js';

/** A stream whose own commit moved the call to `bridged`: the only kind that meets an agent. */
export interface AcceptedStream {
  readonly callId: CallId;
  readonly attempt: number;
  readonly streamSid: StreamSid;
  readonly carrierCallId: CarrierCallId;
  readonly call: CallIn<'bridged'>;
  /** Redis TIME of the commit. */
  readonly acceptedAt: number;
  /** When `start` came, by this machine's monotonic clock: the zero of everything in the call. */
  readonly startedAtMs: number;
  readonly socket: MediaSocket;
  /** What the carrier said while the commit was under way. */
  readonly held: readonly Uint8Array[];
}

interface StreamIntakeDeps {
  readonly gatewayId: GatewayId;
  readonly accountSid: string;
  readonly isGenuineToken: (callId: CallId, attempt: number, token: unknown) => boolean;
  readonly calls: Pick<Calls, 'apply'>;
  readonly perform: Perform;
  readonly report: Report;
  readonly clock: Clock;
  readonly timers: Timers;
  readonly logger: Logger;
  readonly limits: Pick<GatewayLimits, 'startWithinMs'>;
  /** The process stops: nothing is taken over any more. */
  readonly isClosed: () => boolean;
  readonly onAccepted: (stream: AcceptedStream) => void;
}

interface Claim {
  readonly callId: CallId;
  readonly attempt: number;
}

/** Five seconds of frames are below a third of this. */
const MAX_HELD_BYTES = 262_144;
/** RFC 6455: "policy violation". It says nothing about what was wrong. */
const REFUSED = 1008;

export interface StreamIntake {
  /**
   * Decides who a signed socket is. Resolves when that is decided; until then the socket holds nothing of ours but a
   * timer and a bounded number of bytes.
   */
  admit(socket: MediaSocket): Promise<void>;
  /** Resolves when no commit is under way and every record knows of the streams that were closed at this door. */
  idle(): Promise<void>;
}

export function createStreamIntake(deps: StreamIntakeDeps): StreamIntake {
  const { gatewayId, accountSid, calls, perform, report, clock, timers, limits, isClosed, logger } = deps;
  const commits = new Set<Promise<void>>();

  function admit(socket: MediaSocket): Promise<void> {
    return new Promise((resolve) => {
      let stage: 'waiting' | 'committing' | 'decided' = 'waiting';
      let gone: 'stop' | 'lost' | null = null;
      const held: Uint8Array[] = [];
      let heldBytes = 0;
      const timer = timers.after(limits.startWithinMs, () => refuse('no start in time'));

      socket.listen({
        onMessage(bytes) {
          try {
            if (stage === 'waiting') first(bytes);
            else if (stage === 'committing') hold(bytes);
          } catch (error) {
            // Thrown into the socket it would end the process, and every other call with it.
            logger.error({ err: error }, 'message of a media socket failed inside the gateway');
            refuse('internal error');
          }
        },
        onClosed() {
          gone ??= 'lost';
          if (stage === 'waiting') decide();
        },
      });

      function first(bytes: Uint8Array): void {
        const message = readCarrierMessage(bytes);
        if (message?.event === 'connected') return;
        if (message?.event !== 'start') return refuse('start expected');
        const claim = claimOf(message.start);
        if (!claim) return refuse('start was not genuine');
        if (isClosed()) return refuse('the process stops');
        stage = 'committing';
        const committing = commit(message.start, claim, clock.monotonicMs()).catch((error: unknown) => {
          logger.error({ err: error, callId: claim.callId }, 'stream could not be taken over');
          refuse('internal error');
        });
        commits.add(committing);
        void committing.then(() => commits.delete(committing));
      }

      function hold(bytes: Uint8Array): void {
        heldBytes += bytes.length;
        if (heldBytes > MAX_HELD_BYTES) return refuse('too much before the start was accepted');
        if (readCarrierMessage(bytes)?.event === 'stop') gone = 'stop';
        held.push(bytes);
      }

      async function commit(start: StreamStart, claim: Claim, startedAtMs: number): Promise<void> {
        const { callId, attempt } = claim;
        const { callSid: sid, streamSid } = start;
        const closed = (why: 'stop' | 'lost' | 'we') => ({
          type: 'media-closed' as const,
          source: 'gateway' as const,
          streamSid,
          why,
        });
        let applied: Applied | null;
        try {
          applied = await calls.apply(callId, {
            type: 'stream-started',
            source: 'gateway',
            n: attempt,
            sid,
            streamSid,
            gatewayId,
          });
        } catch (error) {
          logger.warn({ err: error, callId }, 'stream could not be committed');
          refuse('no answer from Redis');
          // The answer may be lost and the commit not: then the record names us as the owner of a stream that we closed.
          await report(callId, closed('we'));
          return;
        }
        if (applied) await perform(applied.effects);
        const call = applied?.call;
        const isOurs =
          applied?.verdict === 'moved' &&
          call?.state === 'bridged' &&
          call.owner.streamSid === streamSid &&
          call.owner.gatewayId === gatewayId;
        if (!applied || !isOurs) {
          logger.warn({ callId, attempt, verdict: applied?.verdict, state: call?.state }, 'stream refused');
          return refuse('not accepted');
        }
        // It was ours, but it is gone: nobody else will say so.
        if (gone || stage === 'decided') {
          refuse('gone already');
          await report(callId, closed(gone ?? 'we'));
          return;
        }
        // It began to stop while the commit was under way: whoever waits for the last call must not miss this one.
        if (isClosed()) {
          refuse('the process stops');
          await report(callId, { ...closed('we'), cause: 'worker-shutdown', by: 'platform' });
          return;
        }
        logger.info({ callId, attempt, streamSid, ms: Math.round(clock.monotonicMs() - startedAtMs) }, 'stream accepted');
        try {
          deps.onAccepted({
            callId,
            attempt,
            streamSid,
            carrierCallId: sid,
            call,
            acceptedAt: applied.at,
            startedAtMs,
            socket,
            held,
          });
          decide();
        } catch (error) {
          logger.error({ err: error, callId }, 'call could not be begun');
          refuse('internal error');
          await report(callId, closed('we'));
        }
      }

      function claimOf({ accountSid: account, parameters }: StreamStart): Claim | null {
        const callId = parameters[STREAM_PARAMETERS.callId] ?? '';
        const attempt = Number(parameters[STREAM_PARAMETERS.attempt]);
        if (account !== accountSid || !isCallId(callId) || !Number.isSafeInteger(attempt) || attempt < 1) return null;
        return deps.isGenuineToken(callId, attempt, parameters[STREAM_PARAMETERS.token]) ? { callId, attempt } : null;
      }

      function refuse(why: string): void {
        if (stage === 'decided') return;
        decide();
        if (!gone) logger.warn({ why }, 'media socket refused');
        socket.close(REFUSED, 'refused');
      }

      function decide(): void {
        stage = 'decided';
        timer.cancel();
        resolve();
      }
    });
  }

  return { admit, idle: async () => void (await Promise.all(commits)) };
}
