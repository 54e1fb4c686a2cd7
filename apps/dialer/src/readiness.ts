import type { Clock } from '@onhook/service';
import type { GatewayDirectory, GatewayEntry, WorkerBeats } from '@onhook/store';

/** May we dial at all: is there somebody to end the call, and a seat for its conversation? */
export type Readiness = () => Promise<Ready | { ok: false; reason: 'no-hangup-worker' | 'no-gateway-seat' }>;

export interface Ready {
  readonly ok: true;
  /** Asked when the request is about to be sent, not before: says where the call's stream shall go, and counts it there. */
  takeSeat(): string;
}

/** Beats come every 2 s; asking Redis more often than this for every dial would only cost. */
const REMEMBERED_MS = 250;
/** A dial counts as a seat for so long: by then its call rings and the gateway has told how full it is since. */
const COUNTED_MS = 5_000;

/**
 * We do not start what we cannot end: a fresh heartbeat of a hangup worker, and a gateway with a free seat. The directory knows
 * what is live, not what was just dialed: this process counts its own dials, or all of a burst would go to one gateway.
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
  let remembered: { at: number; seen: Promise<Seen> } | null = null;
  const dials = createRecentDials();

  async function look(): Promise<Seen> {
    const [hangupWorkers, gateways] = await Promise.all([beats.alive('hangup'), directory.list()]);
    return { hangupWorkers, gateways: gateways.filter(({ draining }) => !draining) };
  }

  function seen(): Promise<Seen> {
    const now = clock.monotonicMs();
    if (!remembered || now - remembered.at > REMEMBERED_MS) {
      const looking = look();
      remembered = { at: now, seen: looking };
      looking.catch(() => (remembered = null));
    }
    return remembered.seen;
  }

  return async function readiness() {
    const { hangupWorkers, gateways } = await seen();
    if (hangupWorkers === 0) return { ok: false, reason: 'no-hangup-worker' };
    const fullness = ({ gatewayId, live, seats }: GatewayEntry): number =>
      (live + dials.count(gatewayId, clock.monotonicMs())) / seats;
    const free = gateways.filter((gateway) => gateway.seats > 0 && fullness(gateway) < 1);
    if (free.length === 0) return { ok: false, reason: 'no-gateway-seat' };
    return {
      ok: true,
      takeSeat() {
        const { gatewayId, mediaUrl } = free.reduce((best, one) => (fullness(one) < fullness(best) ? one : best));
        dials.add(gatewayId, clock.monotonicMs());
        return mediaUrl;
      },
    };
  };
}

interface Seen {
  readonly hangupWorkers: number;
  readonly gateways: readonly GatewayEntry[];
}

function createRecentDials() {
  const moments = new Map<string, number[]>();
  return {
    add: (gatewayId: string, atMs: number): void => void moments.set(gatewayId, [...(moments.get(gatewayId) ?? []), atMs]),
    count(gatewayId: string, atMs: number): number {
      const recent = (moments.get(gatewayId) ?? []).filter((moment) => atMs - moment < COUNTED_MS);
      if (recent.length > 0) moments.set(gatewayId, recent);
      else moments.delete(gatewayId);
      return recent.length;
    },
  };
}
