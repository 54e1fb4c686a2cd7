import { createKeys } from '../../keys.js';
import {
  ANSWER_KEPT_MS,
  ANSWER_RUNS_MS,
  QUOTA_WINDOW_MS,
  type BegunRequest,
  type KeptAnswers,
  type KeyedRequest,
  type Quotas,
} from '../../ports/requests.js';
import { idempotencyHash } from '../../shard.js';
import { OPEN_VAULT, type Vault } from '../../vault.js';
import type { RedisClient } from './connect.js';
import { runScript, runScriptForBytes, scripts } from './scripts.js';

interface RequestsDeps {
  readonly redis: RedisClient;
  readonly prefix: string;
  readonly vault?: Vault;
}

export function createRedisKeptAnswers({ redis, prefix, vault = OPEN_VAULT }: RequestsDeps): KeptAnswers {
  const keys = createKeys(prefix);
  const hashOf = ({ account, key }: KeyedRequest): string => idempotencyHash(account, key);

  async function end(hash: string, run: string, answer: Buffer | string): Promise<void> {
    await runScript(redis, scripts.answerEnd, [keys.answer(hash)], [run, answer, ANSWER_KEPT_MS]);
  }

  return {
    async begin(request, run) {
      const hash = hashOf(request);
      const args = [request.fingerprint, run, ANSWER_RUNS_MS];
      const found = (await runScriptForBytes(redis, scripts.answerBegin, [keys.answer(hash)], args)) as [Buffer, Buffer?];
      const [outcome, answer] = [found[0].toString() as BegunRequest['outcome'], found[1]];
      if (outcome !== 'done') return { outcome };
      return { outcome, answer: answer ? vault.open(`answer:${hash}`, answer).toString() : '' };
    },
    async keep(request, run, answer) {
      const hash = hashOf(request);
      await end(hash, run, vault.seal(`answer:${hash}`, answer));
    },
    forget: (request, run) => end(hashOf(request), run, ''),
  };
}

export function createRedisQuotas({ redis, prefix }: Omit<RequestsDeps, 'vault'>): Quotas {
  const keys = createKeys(prefix);
  return {
    async take(keyId, want, limit) {
      const answer = await runScript(redis, scripts.quota, [keys.quota(keyId)], [QUOTA_WINDOW_MS, limit, want]);
      const [taken, left, resetsInMs] = answer as [number, number, number];
      return { taken, left, resetsInMs };
    },
  };
}
