import type { Cause, Party, StreamSid } from '@onhook/contracts';
import type { LeasedStream } from '@onhook/store';
import type { MediaBridge } from './media-bridge.js';

/** The calls that this process holds, until both sockets are closed and the record knows. */
export interface LiveCalls {
  add(bridge: MediaBridge): void;
  get(streamSid: StreamSid): MediaBridge | undefined;
  streams(): LeasedStream[];
  count(): number;
  /** Every agent says that it has to stop, and then its call ends. */
  sayGoodbyeToAll(): void;
  endAll(cause: Cause, by: Party): void;
  /** This process is lost. Resolves when every call is over, or could not be ended. */
  abandonAll(): Promise<void>;
  /** Resolves when no call is left. */
  idle(): Promise<void>;
}

export function createLiveCalls(): LiveCalls {
  const bridges = new Map<StreamSid, MediaBridge>();
  let waiting: (() => void)[] = [];

  function remove(bridge: MediaBridge): void {
    bridges.delete(bridge.streamSid);
    if (bridges.size > 0) return;
    for (const resolve of waiting) resolve();
    waiting = [];
  }

  return {
    add(bridge) {
      bridges.set(bridge.streamSid, bridge);
      void bridge.over.then(() => remove(bridge));
    },
    get: (streamSid) => bridges.get(streamSid),
    streams: () => [...bridges.values()].map(({ callId, streamSid }) => ({ callId, streamSid })),
    count: () => bridges.size,
    sayGoodbyeToAll: () => bridges.forEach((bridge) => bridge.shutDown()),
    endAll: (cause, by) => bridges.forEach((bridge) => bridge.end(cause, by)),
    abandonAll: async () => void (await Promise.allSettled([...bridges.values()].map((bridge) => bridge.abandon()))),
    idle: () => (bridges.size === 0 ? Promise.resolve() : new Promise((resolve) => void waiting.push(resolve))),
  };
}
