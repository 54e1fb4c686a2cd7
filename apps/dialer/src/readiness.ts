import type { Clock } from '@onhook/service';
import type { GatewayDirectory, GatewayEntry, WorkerBeats } from '@onhook/store';

/** May we dial at all: is there somebody to end the call, and a gateway for its conversation? */
export type Readiness = () => Promise<
  | { readonly ok: true; readonly gateways: readonly OpenGateway[] }
  | { readonly ok: false; readonly reason: 'no-hangup-worker' | 'no-gateway' }
>;

/** A gateway that takes calls. */
export type OpenGateway = Pick<GatewayEntry, 'gatewayId' | 'mediaUrl' | 'seats' | 'live'>;

/** Beats come every 2 s; asking Redis more often than this for every dial would only cost. */
const REMEMBERED_MS = 250;

/**
 * We do not start what we cannot end: a fresh heartbeat of a hangup worker, and gateways that take calls. Whether one of them has a seat
 * free is admission's to say, which knows every call that is in flight, the ringing ones and those of other dialers too.
 */
export function createReadiness({
  directory,
  beats,
  clock,
}: {
  directory: Pick<GatewayDirectory, 'list'>;
  beats: Pick<WorkerBeats, 'alive'>;
  clock: Clock;
}): Readiness {
  let remembered: { at: number; ready: ReturnType<Readiness> } | null = null;

  async function look(): ReturnType<Readiness> {
    const [hangupWorkers, entries] = await Promise.all([beats.alive('hangup'), directory.list()]);
    const gateways = entries.filter(({ draining, seats }) => !draining && seats > 0);
    if (hangupWorkers === 0) return { ok: false, reason: 'no-hangup-worker' };
    return gateways.length === 0 ? { ok: false, reason: 'no-gateway' } : { ok: true, gateways };
  }

  return function readiness() {
    const now = clock.monotonicMs();
    if (!remembered || now - remembered.at > REMEMBERED_MS) {
      const looking = look();
      remembered = { at: now, ready: looking };
      looking.catch(() => (remembered = null));
    }
    return remembered.ready;
  };
}
