import type { E164 } from '@onhook/contracts';
import type { Admission } from '../../ports/admission.js';
import { admitted, notOurNumber, refused } from '../../record/admitted.js';
import { chooseFrom } from '../../record/choose-from.js';
import type { MemoryDatabase } from './database.js';
import { step, type MemoryFaults } from './faults.js';

export interface MemoryAdmissionDeps {
  readonly database: MemoryDatabase;
  readonly fromNumbers: readonly E164[];
  readonly maxConcurrent: number;
  readonly faults?: MemoryFaults;
}

/** The twin of admit.lua. */
export function createMemoryAdmission({ database, fromNumbers, maxConcurrent, faults = {} }: MemoryAdmissionDeps): Admission {
  if (fromNumbers.length === 0) throw new Error('admission needs at least one number to call from');
  const { inflight, clock } = database;
  return {
    ask: (request) =>
      step(faults, () => {
        const now = clock.now();
        const from = chooseFrom(request, fromNumbers);
        if (from === null) return notOurNumber(now);
        for (const [member, until] of inflight) if (until <= now) inflight.delete(member);
        const member = `${request.account}|${request.callId}:${request.n}`;
        const ours = [...inflight].filter(([name]) => name.startsWith(`${request.account}|`)).map(([, until]) => until);
        if (!inflight.has(member) && ours.length >= maxConcurrent) return refused(ours.length > 0 ? Math.min(...ours) - now : 0);
        inflight.set(member, Math.max(inflight.get(member) ?? 0, now + request.leaseMs));
        return admitted(from);
      }),
    release: (account, callId, n) => step(faults, () => void inflight.delete(`${account}|${callId}:${n}`)),
  };
}
