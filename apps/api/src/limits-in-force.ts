import type { Clock, Logger } from '@onhook/service';
import type { AccountLimits, AdmissionControl } from '@onhook/store';

/** The account's limits as this process knows them: for refusing early what admission would refuse later. */
export interface LimitsInForce {
  /** At most a second old while it is asked for; never waits. */
  current(): AccountLimits;
  /** Asks now. */
  refresh(): Promise<AccountLimits>;
}

const GOOD_FOR_MS = 1_000;

export interface LimitsInForceDeps {
  readonly control: Pick<AdmissionControl, 'limits'>;
  readonly account: string;
  /** What holds where operators have set nothing. */
  readonly configured: AccountLimits;
  readonly clock: Pick<Clock, 'monotonicMs'>;
  readonly logger: Logger;
}

export function createLimitsInForce({ control, account, configured, clock, logger }: LimitsInForceDeps): LimitsInForce {
  let known = configured;
  let askedAt = Number.NEGATIVE_INFINITY;

  async function refresh(): Promise<AccountLimits> {
    askedAt = clock.monotonicMs();
    known = { ...configured, ...(await control.limits(account)) };
    return known;
  }

  return {
    refresh,
    current() {
      if (clock.monotonicMs() - askedAt > GOOD_FOR_MS) {
        // Admission has the last word: old limits cost a call that ends by itself, no dial.
        void refresh().catch((error: unknown) =>
          logger.debug({ err: error }, 'limits could not be read; the last known ones hold'),
        );
      }
      return known;
    },
  };
}
