import { ANSWER_KEPT_MS, ANSWER_RUNS_MS, QUOTA_WINDOW_MS, type KeptAnswers, type Quotas } from '../../ports/requests.js';
import { idempotencyHash } from '../../shard.js';
import type { MemoryDatabase } from './database.js';
import { step, type MemoryFaults } from './faults.js';

interface RequestsDeps {
  readonly database: MemoryDatabase;
  readonly faults?: MemoryFaults;
}

export function createMemoryKeptAnswers({ database, faults = {} }: RequestsDeps): KeptAnswers {
  const { answers, clock } = database;
  return {
    begin: ({ account, key, fingerprint }, run) =>
      step(faults, () => {
        const hash = idempotencyHash(account, key);
        const held = answers.get(hash);
        if (!held || held.expiresAt <= clock.now()) {
          answers.set(hash, { fingerprint, run, answer: null, expiresAt: clock.now() + ANSWER_RUNS_MS });
          return { outcome: 'new' };
        }
        if (held.fingerprint !== fingerprint) return { outcome: 'conflict' };
        if (held.answer !== null) return { outcome: 'done', answer: held.answer };
        return { outcome: held.run === run ? 'new' : 'running' };
      }),
    keep: ({ account, key }, run, answer) =>
      step(faults, () => {
        const held = answers.get(idempotencyHash(account, key));
        if (held?.run !== run) return;
        answers.set(idempotencyHash(account, key), { ...held, answer, expiresAt: clock.now() + ANSWER_KEPT_MS });
      }),
    forget: ({ account, key }, run) =>
      step(faults, () => {
        const hash = idempotencyHash(account, key);
        if (answers.get(hash)?.run === run) answers.delete(hash);
      }),
  };
}

export function createMemoryQuotas({ database, faults = {} }: RequestsDeps): Quotas {
  const { quotas, clock } = database;
  return {
    take: (keyId, want, limit) =>
      step(faults, () => {
        const window = Math.floor(clock.now() / QUOTA_WINDOW_MS);
        const held = quotas.get(keyId);
        const used = held?.window === window ? held.taken : 0;
        const taken = Math.max(0, Math.min(want, limit - used));
        if (taken > 0) quotas.set(keyId, { window, taken: used + taken });
        return { taken, left: Math.max(0, limit - used - taken), resetsInMs: QUOTA_WINDOW_MS - (clock.now() % QUOTA_WINDOW_MS) };
      }),
  };
}
