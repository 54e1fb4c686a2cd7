import type { Chance, Logger } from '@onhook/service';
import type { KeptAnswers } from '@onhook/store';
import type { z } from 'zod';
import type { Idempotent } from './idempotency.js';
import { ANSWERED, Refusal, refusal, type Outcome, type Reply } from './reply.js';
import { isStoreUnavailable, type Within } from './within.js';

export interface RepeatableDeps {
  readonly answers: KeptAnswers;
  readonly account: string;
  readonly chance: Chance;
  readonly within: Within;
  readonly logger: Logger;
}

type Work = () => Promise<Outcome<z.ZodType>>;
/** Does the work of a request with an idempotency key once, and gives its answer to whoever repeats it. */
export type Repeatable = (asked: Idempotent, keeps: 'stored' | 'once', work: Work) => Promise<Outcome<z.ZodType>>;

export function createRepeatable({ answers, account, chance, within, logger }: RepeatableDeps): Repeatable {
  return async function repeatable({ key, fingerprint }, keeps, work) {
    const request = { account, key, fingerprint };
    const run = Buffer.from(chance.bytes(12)).toString('base64url');
    const forget = (): void => {
      // Not waited for: it is only so that the next try need not wait a minute.
      answers.forget(request, run).catch((error: unknown) => {
        if (!isStoreUnavailable(error)) logger.warn({ err: error }, 'an idempotency key was not given back');
      });
    };
    try {
      const begun = await within(answers.begin(request, run));
      if (begun.outcome === 'conflict') return refusal('idempotency-key-reused');
      if (begun.outcome === 'running') return refusal('idempotency-in-progress', { headers: { 'Retry-After': '1' } });
      if (begun.outcome === 'done') return replay(begun.answer);
      const outcome = await work();
      if (outcome === ANSWERED || outcome instanceof Refusal) forget();
      else await within(answers.keep(request, run, keeps === 'once' ? NOT_KEPT : JSON.stringify(outcome)));
      return outcome;
    } catch (error) {
      forget();
      throw error;
    }
  };
}

const NOT_KEPT = 'null';

function replay(answer: string): Outcome<z.ZodType> {
  const kept = JSON.parse(answer) as Reply<z.ZodType> | null;
  if (kept === null) return refusal('answer-not-kept');
  return { ...kept, headers: { ...kept.headers, 'Idempotency-Replayed': 'true' } };
}
