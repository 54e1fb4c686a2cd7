import type { GatewayId } from '@onhook/contracts';
import type { Logger, Timers } from '@onhook/service';
import type { Calls } from '@onhook/store';
import type { LiveCalls } from './live-calls.js';

interface LeasesDeps {
  readonly gatewayId: GatewayId;
  readonly calls: Pick<Calls, 'renewLeases'>;
  readonly live: Pick<LiveCalls, 'streams' | 'get'>;
  readonly timers: Pick<Timers, 'every'>;
  readonly logger: Logger;
  readonly leaseMs: number;
}

/** However long the lease is: its renewal is also the second channel for close orders, and a lost order costs no more than this. */
const RENEW_AT_LEAST_EVERY_MS = 2_000;

/**
 * Renews the media leases, and closes what the answer says is no longer ours: the second channel for close orders.
 * A Redis that is away ends no call here; each ends by itself.
 */
export function startLeases({ gatewayId, calls, live, timers, logger, leaseMs }: LeasesDeps): { stop(): void } {
  let isRenewing = false;
  let isOut = false;

  async function renew(): Promise<void> {
    const streams = live.streams();
    if (isRenewing || streams.length === 0) return;
    isRenewing = true;
    try {
      const { close } = await calls.renewLeases(gatewayId, streams);
      if (isOut) logger.info('leases are renewed again');
      isOut = false;
      for (const { callId, streamSid } of close) {
        logger.info({ callId }, 'lease was taken away');
        live.get(streamSid)?.close('lease');
      }
    } catch (error) {
      if (!isOut) logger.warn({ err: error, live: streams.length }, 'leases could not be renewed');
      isOut = true;
    } finally {
      isRenewing = false;
    }
  }

  // A third of the lease: two renewals may fail before the watchdog looks.
  const timer = timers.every(Math.min(RENEW_AT_LEAST_EVERY_MS, Math.floor(leaseMs / 3)), () => void renew());
  return { stop: () => timer.cancel() };
}
