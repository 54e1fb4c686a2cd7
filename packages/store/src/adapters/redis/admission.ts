import type { CallId, E164 } from '@onhook/contracts';
import { createKeys } from '../../keys.js';
import type { Admission, Admitted } from '../../ports/admission.js';
import { admitted, notOurNumber, refused } from '../../record/admitted.js';
import { chooseFrom } from '../../record/choose-from.js';
import { ask } from './ask.js';
import type { RedisClient } from './connect.js';
import { runScript, scripts } from './scripts.js';

export interface ConcurrencyAdmissionDeps {
  readonly redis: RedisClient;
  readonly prefix: string;
  /** At least one. */
  readonly fromNumbers: readonly E164[];
  /** Attempts of one account in flight at a time, over all dialers. */
  readonly maxConcurrent: number;
}

/** Until part 4: whoever comes gets a lease as long as fewer than `maxConcurrent` are out. */
export function createConcurrencyAdmission({ redis, prefix, fromNumbers, maxConcurrent }: ConcurrencyAdmissionDeps): Admission {
  if (fromNumbers.length === 0) throw new Error('admission needs at least one number to call from');
  const keys = createKeys(prefix);
  const member = (callId: CallId, n: number): string => `${callId}:${n}`;
  return {
    async ask(request): Promise<Admitted> {
      const from = chooseFrom(request, fromNumbers);
      if (from === null) return notOurNumber(await nowMs());
      const answer = await runScript(
        redis,
        scripts.admit,
        [keys.inflight(request.account)],
        [member(request.callId, request.n), maxConcurrent, request.leaseMs],
      );
      const [isGranted, , soonestInMs] = answer as [number, number, number?];
      return isGranted === 1 ? admitted(from) : refused(soonestInMs ?? 0);
    },
    async release(account, callId, n) {
      await ask(() => redis.zrem(keys.inflight(account), member(callId, n)));
    },
  };

  async function nowMs(): Promise<number> {
    const [seconds, microseconds] = await ask(() => redis.time());
    return Number(seconds) * 1_000 + Math.floor(Number(microseconds) / 1_000);
  }
}
