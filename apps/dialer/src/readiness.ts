import type { Clock } from '@onhook/service';
import type { GatewayDirectory, WorkerBeats } from '@onhook/store';

/** May we dial at all: is there somebody to end the call, and a seat for its conversation? */
export type Readiness = () => Promise<
  { ok: true; streamUrl: string } | { ok: false; reason: 'no-hangup-worker' | 'no-gateway-seat' }
>;

/** Beats come every 2 s; asking Redis more often than this for every dial would only cost. */
const REMEMBERED_MS = 250;

/** We do not start what we cannot end: a fresh heartbeat of a hangup worker, and a gateway with a free seat. */
export function createReadiness({
  directory,
  beats,
  clock,
}: {
  directory: Pick<GatewayDirectory, 'list'>;
  beats: Pick<WorkerBeats, 'alive'>;
  clock: Clock;
}): Readiness {
  let remembered: { at: number; answer: ReturnType<Readiness> } | null = null;

  async function look(): ReturnType<Readiness> {
    const [hangupWorkers, gateways] = await Promise.all([beats.alive('hangup'), directory.list()]);
    if (hangupWorkers === 0) return { ok: false, reason: 'no-hangup-worker' };
    const free = gateways.filter((gateway) => !gateway.draining && gateway.live < gateway.seats);
    const emptiest = free.sort((a, b) => a.live / a.seats - b.live / b.seats)[0];
    return emptiest ? { ok: true, streamUrl: emptiest.mediaUrl } : { ok: false, reason: 'no-gateway-seat' };
  }

  return function readiness() {
    const now = clock.monotonicMs();
    if (!remembered || now - remembered.at > REMEMBERED_MS) {
      const answer = look();
      remembered = { at: now, answer };
      answer.catch(() => (remembered = null));
    }
    return remembered.answer;
  };
}
