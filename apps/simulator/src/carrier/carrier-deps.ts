import type { Chance, Clock, Logger, Timers } from '@onhook/service';
import type { FaultTable } from '../faults.js';
import type { LedgerWriter } from '../ledger.js';
import type { Speech } from '../speech/index.js';
import type { CallHabits } from './account.js';
import type { Callbacks } from './callbacks.js';
import type { CreateOrder } from './create-request.js';
import type { Leg, LegHooks } from './document.js';
import type { NumberPolicy } from './number-policy.js';
import type { Recordings } from './recordings.js';
import type { StreamHabits } from './stream-habits.js';
import type { Ticker } from './ticker.js';
import type { WebhookClient } from './webhook-client.js';

/** What every call of the carrier shares. */
export interface CarrierDeps {
  accountSid: string;
  authToken: string;
  clock: Clock;
  timers: Timers;
  chance: Chance;
  logger: Logger;
  ledger: LedgerWriter;
  faults: FaultTable;
  speech: Pick<Speech, 'line' | 'createListener'>;
  ticker: Ticker;
  client: WebhookClient;
  callbacks: Callbacks;
  recordings: Pick<Recordings, 'keep'>;
  /** Shorter `TimeLimit`s count as this (Twilio: 60). */
  timeLimitFloorSec: number;
  callHabits: CallHabits;
  streamHabits: StreamHabits;
  numbers?: NumberPolicy | undefined;
  /** Calls somebody for a `<Dial>`. */
  startLeg(order: CreateOrder, hooks: LegHooks): Leg;
}
