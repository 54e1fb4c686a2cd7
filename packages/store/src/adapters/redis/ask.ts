import { maskNumbers } from '@onhook/service';
import { StoreRefused, StoreUnavailable } from '../../errors.js';

/** What Redis answers while it cannot serve, but will again: restarting, failing over, out of room, read-only. */
const PASSING =
  /^(LOADING|READONLY|CLUSTERDOWN|MASTERDOWN|TRYAGAIN|MOVED|ASK|OOM|MISCONF|BUSY|NOREPLICAS|UNBLOCKED|NOAUTH|WRONGPASS|NOPERM)\b|max number of clients/;

/** Asks Redis something, and turns whatever ioredis throws into an error of ours: its own carry the command, with numbers and words. */
export async function ask<T>(command: () => Promise<T>): Promise<T> {
  try {
    return await command();
  } catch (error) {
    throw toStoreError(error);
  }
}

function toStoreError(error: unknown): StoreUnavailable | StoreRefused {
  const { name, message } = error instanceof Error ? error : new Error(String(error));
  const why = maskNumbers(message).slice(0, 200);
  return name === 'ReplyError' && !PASSING.test(message) ? new StoreRefused(why) : new StoreUnavailable(why);
}
