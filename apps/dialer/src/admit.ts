import { leaseMs, mostMinutes, type Call } from '@onhook/call';
import type { Destination, E164 } from '@onhook/contracts';
import type { Clock, Timers } from '@onhook/service';
import type { Admission, Admitted, SeatOffer } from '@onhook/store';
import type { CampaignTermsOfCall } from './campaign-terms.js';

/** What admission says once it is the attempt's turn, and when that was asked, by the monotonic clock. */
export type Admit = (
  call: Call,
  n: number,
  surroundings: AdmitSurroundings,
) => Promise<{ readonly admitted: Admitted; readonly askedAt: number }>;

export interface AdmitSurroundings {
  /** Where the conversation may take place. */
  readonly gateways: readonly SeatOffer[];
  /** Redis time, as near as this process knows it. */
  readonly redisNow: () => number;
}

/**
 * Waits for the attempt's turn and then asks again: what forbids the dial meanwhile (kill switch, do-not-call, a paused campaign) is
 * seen, and nothing is taken twice.
 */
export function createAdmit({
  admission,
  campaignTerms,
  classify,
  clock,
  timers,
}: {
  admission: Pick<Admission, 'ask'>;
  campaignTerms: CampaignTermsOfCall;
  classify: (number: E164) => Destination;
  clock: Clock;
  timers: Pick<Timers, 'sleep'>;
}): Admit {
  return async function admit(call, n, { gateways, redisNow }) {
    const { account, callId, to, from, policy } = call;
    for (;;) {
      const terms = await campaignTerms.of(call, redisNow());
      const askedAt = clock.monotonicMs();
      const admitted = await admission.ask({
        account,
        callId,
        n,
        to,
        destination: classify(to),
        from,
        leaseMs: leaseMs(policy),
        mostMinutes: mostMinutes(policy),
        gateways,
        ...terms,
      });
      if (admitted.verdict === 'held' && admitted.reason === 'campaign-changed') campaignTerms.forget(call);
      if (admitted.verdict !== 'granted' || admitted.inMs <= 0) return { admitted, askedAt };
      await timers.sleep(admitted.inMs);
    }
  };
}
