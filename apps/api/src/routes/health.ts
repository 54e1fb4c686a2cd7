import { healthRoutes } from '@onhook/contracts';
import type { ApiDeps } from '../api-deps.js';
import type { Serve } from '../serve.js';
import type { Within } from '../within.js';

type HealthDeps = Pick<ApiDeps, 'beats' | 'directory'> & { within: Within };

/**
 * `/healthz`: this process runs. `/readyz`: it can take calls, which needs Redis and nothing else: a call that nobody can
 * dial or end yet is accepted and waits, so missing workers are told (`degraded`) but do not take the API away.
 */
export function addHealthRoutes(serve: Serve, { beats, directory, within }: HealthDeps): void {
  serve(healthRoutes.healthz, () => ({ body: { status: 'ok' as const } }));

  serve(healthRoutes.readyz, async () => {
    const [dialers, hangupWorkers, gateways] = await within(
      Promise.all([beats.alive('dialer'), beats.alive('hangup'), directory.list()]),
    );
    const open = gateways.filter((gateway) => !gateway.draining);
    const freeSeats = open.reduce((sum, gateway) => sum + Math.max(0, gateway.seats - gateway.live), 0);
    const missing = [
      ...(dialers === 0 ? (['dialer'] as const) : []),
      ...(hangupWorkers === 0 ? (['hangup'] as const) : []),
      ...(freeSeats === 0 ? (['gateway'] as const) : []),
    ];
    const status = missing.length === 0 ? ('ready' as const) : ('degraded' as const);
    return { body: { status, missing, dialers, hangupWorkers, gateways: open.length, freeSeats } };
  });
}
