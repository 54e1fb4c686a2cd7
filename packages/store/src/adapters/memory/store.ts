import { silentLogger, type Chance, type Logger } from '@onhook/service';
import { withDefaults, type StoreOptions } from '../../options.js';
import type { Calls } from '../../ports/calls.js';
import type { GatewayDirectory, OrderReceiver, OrderSender } from '../../ports/directory.js';
import type { Retention } from '../../ports/retention.js';
import type { Transcripts } from '../../ports/transcripts.js';
import type { StoreLives } from '../../ports/lives.js';
import type { WorkerBeats } from '../../ports/workers.js';
import { createRecordDoor } from '../../record/door.js';
import { createLeftAlone } from '../../record/left-alone.js';
import type { MemoryDatabase } from './database.js';
import { createMemoryBeats, createMemoryDirectory, createMemoryOrders } from './directory.js';
import type { MemoryFaults } from './faults.js';
import { createMemoryIndexes } from './indexes.js';
import { createMemoryLives } from './lives.js';
import { createMemoryRecords } from './records.js';
import { createMemoryRetention } from './retention.js';
import { createMemoryTranscripts } from './transcripts.js';

export interface MemoryStoreDeps {
  readonly database: MemoryDatabase;
  readonly chance: Chance;
  readonly logger?: Logger;
  readonly options?: Partial<StoreOptions>;
  /** Of this store's own connection; others on the same database have theirs. */
  readonly faults?: MemoryFaults;
}

export interface MemoryStore {
  readonly calls: Calls;
  readonly directory: GatewayDirectory;
  readonly orders: OrderSender & OrderReceiver;
  readonly beats: WorkerBeats;
  readonly lives: StoreLives;
  readonly transcripts: Transcripts;
  readonly retention: Retention;
}

export function createMemoryStore({
  database,
  chance,
  logger = silentLogger,
  options: given,
  faults = {},
}: MemoryStoreDeps): MemoryStore {
  const options = withDefaults(given);
  const backend = createMemoryRecords({ database, options, faults });
  const leftAlone = createLeftAlone({ logger, clock: { monotonicMs: database.clock.now } });
  const transcripts = createMemoryTranscripts({ database, faults });
  return {
    calls: {
      ...createRecordDoor({ backend, chance, leftAlone, options }),
      ...createMemoryIndexes({ database, leftAlone, options, faults }),
    },
    directory: createMemoryDirectory({ database, faults, logger }),
    orders: createMemoryOrders({ database, faults, logger }),
    beats: createMemoryBeats({ database, faults, logger }),
    lives: createMemoryLives({ database, faults }),
    transcripts,
    retention: createMemoryRetention({ database, faults, backend, transcripts, leftAlone }),
  };
}
