import type { Express } from 'express';
import type { ApiDeps } from '../api-deps.js';
import { onlyMethods } from '../requests.js';
import type { Within } from '../within.js';

type HealthDeps = Pick<ApiDeps, 'beats' | 'directory'> & { within: Within };

/**
 * `/healthz`: this process runs. `/readyz`: it can take calls, which needs Redis and nothing else: a call that nobody can
 * dial or end yet is accepted and waits, so missing workers are told (`degraded`) but do not take the API away.
 */
export function addHealthRoutes(app: Express, { beats, directory, within }: HealthDeps): void {
  app.get('/healthz', (_request, response) => {
    response.json({ status: 'ok' });
  });
  onlyMethods(app, '/healthz', ['GET', 'HEAD']);

  app.get('/readyz', async (_request, response) => {
    const [dialers, hangupWorkers, gateways] = await within(
      Promise.all([beats.alive('dialer'), beats.alive('hangup'), directory.list()]),
    );
    const open = gateways.filter((gateway) => !gateway.draining);
    const freeSeats = open.reduce((sum, gateway) => sum + Math.max(0, gateway.seats - gateway.live), 0);
    const missing = [
      ...(dialers === 0 ? ['dialer'] : []),
      ...(hangupWorkers === 0 ? ['hangup'] : []),
      ...(freeSeats === 0 ? ['gateway'] : []),
    ];
    response.json({
      status: missing.length === 0 ? 'ready' : 'degraded',
      missing,
      dialers,
      hangupWorkers,
      gateways: open.length,
      freeSeats,
    });
  });
  onlyMethods(app, '/readyz', ['GET', 'HEAD']);
}
