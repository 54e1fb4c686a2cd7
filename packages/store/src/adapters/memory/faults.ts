import { StoreUnavailable } from '../../errors.js';

/** What may go wrong, each asked once at every step where it could. All off by default. */
export interface MemoryFaults {
  /** Redis cannot be reached: nothing happens, the caller gets StoreUnavailable. */
  isDown?(): boolean;
  /** Somebody else's commit came first: this one is tried again. */
  conflicts?(): boolean;
  /** The commit happens, but its answer is lost: the caller gets StoreUnavailable and cannot know. */
  losesReply?(): boolean;
  /** Between two steps other work may run; a simulation decides how much. */
  betweenSteps?(): Promise<void>;
}

/** One question to Redis: the answer comes later, if at all. */
export async function step<T>(faults: MemoryFaults, run: () => T): Promise<T> {
  await (faults.betweenSteps ? faults.betweenSteps() : Promise.resolve());
  if (faults.isDown?.()) throw new StoreUnavailable('it is down');
  return run();
}
