import { StoreUnavailable } from '../../errors.js';
import type { Keys } from '../../keys.js';
import type { StoreOptions } from '../../options.js';
import type { Transcripts } from '../../ports/transcripts.js';
import { packTranscript, unpackTranscript } from '../../record/transcript-codec.js';
import { ask } from './ask.js';
import type { RedisClient } from './connect.js';

interface TranscriptsDeps {
  readonly redis: RedisClient;
  readonly keys: Keys;
  readonly options: Pick<StoreOptions, 'retentionMs'>;
}

export function createRedisTranscripts({ redis, keys, options }: TranscriptsDeps): Transcripts {
  return {
    async save(callId, transcript) {
      const key = keys.transcript(callId);
      // Together: words without an end of their life would stay for ever.
      const answers = await ask(() =>
        redis.multi().hset(key, String(transcript.attempt), packTranscript(transcript)).pexpire(key, options.retentionMs).exec(),
      );
      if (answers === null || answers.some(([error]) => error !== null)) throw new StoreUnavailable('a transcript was not saved');
    },
    async load(callId) {
      const attempts = await ask(() => redis.hgetallBuffer(keys.transcript(callId)));
      const last = Math.max(...Object.keys(attempts).map(Number));
      const packed = attempts[String(last)];
      return packed ? unpackTranscript(packed) : null;
    },
  };
}
