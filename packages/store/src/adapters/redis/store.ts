import { systemClock, type Chance, type Logger, type Timers } from '@onhook/service';
import { createKeys } from '../../keys.js';
import { withDefaults, type StoreOptions } from '../../options.js';
import type { Calls } from '../../ports/calls.js';
import type { GatewayDirectory, OrderReceiver, OrderSender } from '../../ports/directory.js';
import type { Retention } from '../../ports/retention.js';
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
import type { ReplicaWait } from './durability.js';
import { createRedisRecords } from './records.js';
import { createRedisRetention } from './retention.js';
import { createRedisTranscripts } from './transcripts.js';
import { OPEN_VAULT, type Vault } from '../../vault.js';

/** About so many entries each shard's feed keeps. */
export const FEED_LENGTH = 1_000;

export interface RedisStoreOptions extends StoreOptions, ReplicaWait {
  /** About how many entries each shard's feed keeps. */
  readonly feedLength: number;
  /** Off where no relay reads the outbox: it is never trimmed by itself. */
  readonly keepsOutbox: boolean;
}

export interface RedisStoreDeps {
  /** Of kind `producer`. Whoever connected it also closes it. */
  readonly redis: RedisClient;
  /**
   * Another of kind `producer`, needed with `waitReplicas`: `WAIT` holds up all that comes behind it on its connection, for as long as the
   * replicas are away. Only what must reach them (creation, `dialing`) goes over this one.
   */
  readonly critical?: RedisClient;
  readonly prefix: string;
  readonly chance: Chance;
  readonly timers: Timers;
  readonly logger: Logger;
  readonly options?: Partial<RedisStoreOptions>;
  /** Seals what holds numbers or words; without it they lie open. */
  readonly vault?: Vault;
}

export interface RedisStore {
  readonly calls: Calls;
  readonly directory: GatewayDirectory;
  readonly orders: OrderSender & OrderReceiver;
  readonly beats: WorkerBeats;
  readonly lives: StoreLives;
  readonly transcripts: Transcripts;
  readonly retention: Retention;
}

export function createRedisStore({
  redis,
  critical = redis,
  prefix,
  chance,
  timers,
  logger,
  options: given,
  vault = OPEN_VAULT,
}: RedisStoreDeps): RedisStore {
  const keys = createKeys(prefix);
  const options = withDefaults(given);
  const durability = { waitReplicas: given?.waitReplicas ?? 0, waitReplicasMs: given?.waitReplicasMs ?? 1_000 };
  const streams = { feedLength: given?.feedLength ?? FEED_LENGTH, keepsOutbox: given?.keepsOutbox ?? true };
  const backend = createRedisRecords({ redis, critical, keys, chance, timers, options, streams, durability, vault });
  const leftAlone = createLeftAlone({ logger, clock: systemClock });
  const transcripts = createRedisTranscripts({ redis, keys, vault });
  return {
    calls: {
      ...createRecordDoor({ backend, chance, leftAlone, options, vault }),
      ...createRedisIndexes({ redis, keys, leftAlone, options, vault }),
    },
    directory: createRedisDirectory({ redis, keys }),
    orders: createRedisOrders({ redis, keys, timers, logger }),
    beats: createRedisBeats({ redis, keys }),
    lives: createRedisLives({ redis, keys }),
    transcripts,
    retention: createRedisRetention({ redis, keys, backend, transcripts, leftAlone }),
  };
}
