import {
  awaitsOwner,
  currentAttempt,
  currentSid,
  ownerOf,
  usedMinutes,
  type Attempt,
  type Call,
  type CallIn,
  type NewCallEvent,
} from '@onhook/call';
import type { Carrier, FetchOutcome } from '@onhook/carrier';
import { isTerminal, type CallId, type CarrierCallId, type Layer } from '@onhook/contracts';
import type { Clock, Logger } from '@onhook/service';
import { tellCampaign, type Applied, type Calls, type Contacts, type OrderSender, type Places } from '@onhook/store';
import type { LookForLeg } from './look-for-leg.js';
import type { Perform } from './perform.js';

export interface TendDeps {
  readonly calls: Pick<Calls, 'load' | 'apply'>;
  readonly carrier: Pick<Carrier, 'hangUp' | 'fetchCall'>;
  readonly orders: OrderSender;
  readonly admission: Pick<Places, 'release'>;
  /** Told what became of the calls of campaigns. */
  readonly contacts?: Pick<Contacts, 'step'>;
  readonly lookForLeg: LookForLeg;
  readonly perform: Perform;
  readonly clock: Clock;
  readonly logger: Logger;
}

/** @param layer who is at work: the queue's worker or the watchdog. It is what the record will say ended the call. */
export type Tend = (callId: CallId, layer: Extract<Layer, 'hangup-worker' | 'watchdog'>) => Promise<void>;

/** One round of what the call's state asks for. Safe to repeat: it reads the record anew, and both ends forgive. */
export function createTend(deps: TendDeps): Tend {
  const { calls, carrier, orders, admission, lookForLeg, perform, clock, logger } = deps;

  return async function tend(callId, layer) {
    const loaded = await calls.load(callId);
    if (!loaded) return logger.warn({ callId }, 'hangup job named an unknown call');
    const { call, now } = loaded;
    switch (call.state) {
      case 'unconfirmed':
        return find(call, now, layer);
      case 'placed':
        return ask(call, layer);
      case 'ending':
        return currentSid(call) ? hangUp(call, layer) : find(call, now, layer);
      case 'settling':
        return settle(call, now, layer);
      case 'scheduled':
      case 'queued':
      case 'dialing':
      case 'ringing':
      case 'answered':
      case 'bridged':
      case 'transferred':
      case 'ended':
        return;
    }
  };

  /** Is there a leg of ours at the carrier that the record does not know? */
  async function find(call: Call, now: number, layer: Layer): Promise<void> {
    const attempt = currentAttempt(call);
    if (!attempt) return;
    const found = await lookForLeg(call, attempt, now);
    for (const sid of found.strays) await perform(call.callId, [{ type: 'stray', sid }]);
    if (found.event) await commit(call.callId, found.event, layer);
  }

  async function ask(call: Call, layer: Layer): Promise<void> {
    const attempt = currentAttempt(call);
    if (!attempt?.sid) return;
    const fetched = await carrier.fetchCall(attempt.sid);
    if (fetched.outcome === 'found') await commit(call.callId, carrierEvent(attempt, attempt.sid, fetched), layer);
    else logger.warn({ callId: call.callId, outcome: fetched.outcome }, 'carrier did not say how the call is');
  }

  /** Carrier and gateway side by side, neither waiting for the other. */
  async function hangUp(call: Call, layer: Layer): Promise<void> {
    const results = await Promise.allSettled([orderClose(call), complete(call, layer)]);
    for (const result of results) if (result.status === 'rejected') throw result.reason;
  }

  async function complete(call: Call, layer: Layer): Promise<void> {
    const attempt = currentAttempt(call);
    if (!attempt?.sid) return;
    const startedAt = clock.monotonicMs();
    const asked = await carrier.hangUp(attempt.sid);
    const fetched = await carrier.fetchCall(attempt.sid);
    logger.info(
      {
        callId: call.callId,
        attempt: attempt.n,
        asked: asked.outcome,
        tookMs: Math.round(clock.monotonicMs() - startedAt),
        status: fetched.outcome === 'found' ? fetched.call.status : fetched.outcome,
      },
      'hangup was sent',
    );
    // Only the carrier's word for this SID proves anything: 200, 21220 and 20404 do not.
    if (fetched.outcome !== 'found' || !isTerminal(fetched.call.status)) return;
    // If it was over before we asked, its end did not follow our act; the record then knows better who was first.
    const ourAct = asked.outcome === 'asked' ? layer : null;
    await commit(call.callId, { ...carrierEvent(attempt, attempt.sid, fetched), ...(ourAct && { endedBy: ourAct }) }, layer);
  }

  async function orderClose(call: Call): Promise<void> {
    const owner = ownerOf(call);
    if (owner) await orders.send(owner.gatewayId, { type: 'close', callId: call.callId, streamSid: owner.streamSid });
  }

  async function settle(call: CallIn<'settling'>, now: number, layer: Layer): Promise<void> {
    await orderClose(call);
    const attempt = currentAttempt(call);
    // Unproven: the leg may still be up, so its place stays taken until the carrier's own time limit has passed.
    if (attempt && attempt.over?.proven !== false) {
      await admission.release(call.account, call.callId, attempt.n, usedMinutes(attempt));
    }
    // It ended while it waited: a dialer may have taken a place for the next dial before that. Never after an attempt: if this process
    // slept, the next attempt may be under way by now, and that place is its own.
    if (call.end) await admission.release(call.account, call.callId, call.attempts.length + 1, 'not-dialed');
    // Its own word wakes us, and its silence ends with the deadline.
    if (awaitsOwner(call, now)) return;
    await commit(call.callId, { type: 'settled', n: attempt?.n ?? 0, source: 'hangup' }, layer);
  }

  async function commit(callId: CallId, event: NewCallEvent, layer: Layer): Promise<Applied | null> {
    const applied = await calls.apply(callId, event);
    if (!applied) return null;
    if (applied.verdict === 'moved') logger.info({ callId, event: event.type, state: applied.call.state }, 'call moved on');
    // What our own commit asks of a hangup worker we do ourselves: one hop less, and no queue to depend on.
    const again = applied.effects.some((effect) => effect.type === 'wake-hangup');
    await perform(
      callId,
      applied.effects.filter((effect) => effect.type !== 'wake-hangup'),
    );
    if (again) await tendAgain(callId, layer);
    if (event.type === 'settled' && applied.verdict === 'moved') await tell(applied.call);
    return applied;
  }

  /** The ledger of a campaign follows the record: what is not told now is told later, by its audit. */
  async function tell(call: Call): Promise<void> {
    if (!deps.contacts || !call.campaign) return;
    try {
      await tellCampaign(deps.contacts, call);
    } catch (error) {
      logger.warn({ err: error, callId: call.callId }, 'campaign was not told');
    }
  }

  function tendAgain(callId: CallId, layer: Layer): Promise<void> {
    return createTend(deps)(callId, layer === 'watchdog' ? 'watchdog' : 'hangup-worker');
  }
}

function carrierEvent(
  attempt: Attempt,
  sid: CarrierCallId,
  fetched: Extract<FetchOutcome, { outcome: 'found' }>,
): NewCallEvent & { type: 'carrier' } {
  return {
    type: 'carrier',
    n: attempt.n,
    sid,
    status: fetched.call.status,
    via: 'look',
    ...(fetched.call.durationSec !== null && { durationSec: fetched.call.durationSec }),
    source: 'hangup',
  };
}
