import { systemClock, type Chance, type Logger, type Timers } from '@onhook/service';
import { createKeys } from '../../keys.js';
import { withDefaults, type StoreOptions } from '../../options.js';
import type { Calls } from '../../ports/calls.js';
import type { GatewayDirectory, OrderReceiver, OrderSender } from '../../ports/directory.js';
import type { Transcripts } from '../../ports/transcripts.js';
import type { StoreLives } from '../../ports/lives.js';
import type { WorkerBeats } from '../../ports/workers.js';
import { createRecordDoor } from '../../record/door.js';
import { createLeftAlone } from '../../record/left-alone.js';
import { createRedisIndexes } from './indexes.js';
import type { RedisClient } from './connect.js';
import { createRedisBeats, createRedisDirectory } from './directory.js';
import { createRedisLives } from './lives.js';
import { createRedisOrders } from './orders.js';
import type { Durability } from './durability.js';
import { createRedisRecords } from './records.js';
import { createRedisTranscripts } from './transcripts.js';

export interface RedisStoreOptions extends StoreOptions, Durability {
  /** About how many entries each shard's feed keeps. */
  readonly feedLength: number;
  /** Off where no relay reads the outbox: it is never trimmed by itself. */
  readonly keepsOutbox: boolean;
}

export interface RedisStoreDeps {
  /** Of kind `producer`. Whoever connected it also closes it. */
  readonly redis: RedisClient;
  readonly prefix: string;
  readonly chance: Chance;
  readonly timers: Timers;
  readonly logger: Logger;
  readonly options?: Partial<RedisStoreOptions>;
}

export interface RedisStore {
  readonly calls: Calls;
  readonly directory: GatewayDirectory;
  readonly orders: OrderSender & OrderReceiver;
  readonly beats: WorkerBeats;
  readonly lives: StoreLives;
  readonly transcripts: Transcripts;
}

export function createRedisStore({ redis, prefix, chance, timers, logger, options: given }: RedisStoreDeps): RedisStore {
  const keys = createKeys(prefix);
  const options = withDefaults(given);
  const durability = { waitReplicas: given?.waitReplicas ?? 0, waitReplicasMs: given?.waitReplicasMs ?? 1_000 };
  const streams = { feedLength: given?.feedLength ?? 1_000, keepsOutbox: given?.keepsOutbox ?? true };
  const backend = createRedisRecords({ redis, keys, chance, timers, options, streams, durability });
  const leftAlone = createLeftAlone({ logger, clock: systemClock });
  return {
    calls: {
      ...createRecordDoor({ backend, chance, leftAlone, options }),
      ...createRedisIndexes({ redis, keys, leftAlone, options }),
    },
    directory: createRedisDirectory({ redis, keys }),
    orders: createRedisOrders({ redis, keys, timers, logger }),
    beats: createRedisBeats({ redis, keys }),
    lives: createRedisLives({ redis, keys }),
    transcripts: createRedisTranscripts({ redis, keys, options }),
  };
}
