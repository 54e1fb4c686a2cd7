import { leaseMs, mostMinutes, type Call } from '@onhook/call';
import type { Destination, E164 } from '@onhook/contracts';
import type { Clock, Timers } from '@onhook/service';
import type { Admission, Admitted } from '@onhook/store';

/** What admission says once it is the attempt's turn, and when that was asked, by the monotonic clock. */
export type Admit = (call: Call, n: number) => Promise<{ readonly admitted: Admitted; readonly askedAt: number }>;

/**
 * Waits for the attempt's turn and then asks again: what forbids the dial meanwhile (kill switch, do-not-call, a paused campaign) is
 * seen, and nothing is taken twice.
 */
export function createAdmit({
  admission,
  classify,
  clock,
  timers,
}: {
  admission: Pick<Admission, 'ask'>;
  classify: (number: E164) => Destination;
  clock: Clock;
  timers: Pick<Timers, 'sleep'>;
}): Admit {
  return async function admit({ account, callId, to, from, policy }, n) {
    const request = {
      account,
      callId,
      n,
      to,
      destination: classify(to),
      from,
      leaseMs: leaseMs(policy),
      mostMinutes: mostMinutes(policy),
    };
    for (;;) {
      const askedAt = clock.monotonicMs();
      const admitted = await admission.ask(request);
      if (admitted.verdict !== 'granted' || admitted.inMs <= 0) return { admitted, askedAt };
      await timers.sleep(admitted.inMs);
    }
  };
}
