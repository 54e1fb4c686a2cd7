import type { CallId, Transcript } from '@onhook/contracts';
import type { Keys } from '../../keys.js';
import type { Transcripts } from '../../ports/transcripts.js';
import { packTranscript, unpackTranscript } from '../../record/transcript-codec.js';
import type { Vault } from '../../vault.js';
import { ask } from './ask.js';
import type { RedisClient } from './connect.js';
import { runScript, scripts } from './scripts.js';

interface TranscriptsDeps {
  readonly redis: RedisClient;
  readonly keys: Keys;
  readonly vault: Vault;
}

export function createRedisTranscripts({ redis, keys, vault }: TranscriptsDeps): Transcripts {
  const contextOf = (callId: CallId, attempt: number): string => `transcript:${callId}:${attempt}`;

  async function loadAll(callId: CallId): Promise<Transcript[]> {
    const attempts = await ask(() => redis.hgetallBuffer(keys.transcript(callId)));
    const numbers = Object.keys(attempts)
      .map(Number)
      .toSorted((a, b) => a - b);
    return numbers.map((attempt) => unpackTranscript(vault.open(contextOf(callId, attempt), attempts[String(attempt)]!)));
  }

  return {
    async save(callId, transcript) {
      const { attempt } = transcript;
      const sealed = vault.seal(contextOf(callId, attempt), packTranscript(transcript));
      await runScript(redis, scripts.saveTranscript, [keys.call(callId), keys.transcript(callId)], [attempt, sealed]);
    },
    load: async (callId) => (await loadAll(callId)).at(-1) ?? null,
    loadAll,
    remove: async (callId) => void (await ask(() => redis.del(keys.transcript(callId)))),
  };
}
