import type { Draw } from './draw.js';
import type { FaultPlan, Plan } from './plan.js';
import type { Kind, SimProcess } from './sim-process.js';
import type { World } from './world.js';

/** Carries the plan's faults out, each at its moment. */
export function startTrouble(world: World, { faults, mode, calmFromMs }: Plan, draw: Draw): void {
  const { scheduler, weather, redis } = world;

  // Whoever has seen a token shows it again, on good days too.
  if (mode !== 'calm') weather.setRate('stream-token-replayed', 0.1);
  for (const fault of faults) scheduler.after(fault.atMs, () => begin(fault));
  if (mode === 'liveness') scheduler.after(calmFromMs, () => endAll());

  function endAll(): void {
    weather.calm();
    world.armed.length = 0;
  }

  function begin(fault: FaultPlan): void {
    const { kind, forMs, rate, point } = fault;
    const now = scheduler.now();
    const [act, target] = split(kind);
    if (point) {
      if (point.act === 'cut') redis.watchTail();
      world.armed.push(point);
      return;
    }
    switch (kind) {
      case 'redis-away':
        weather.begins(kind, now + forMs);
        return redis.goAway(forMs);
      case 'redis-tail-cut':
        return redis.loseTail(forMs);
      case 'account-slot-away':
        weather.begins(kind, now + forMs);
        return world.setAccountAway(now + forMs);
      case 'carrier-away':
        weather.begins(kind, now + forMs);
        return world.setCarrierAway(now + forMs);
      case 'all-enders-frozen':
        weather.begins(kind, now + forMs);
        for (const process of [...world.processes('gateway'), ...world.processes('hangup')]) world.freeze(process, forMs);
        return;
      case 'all-gateways-away':
        weather.begins(kind, now + forMs);
        for (const process of world.processes('gateway')) world.kill(process);
        return;
      case 'cut-from-redis':
      case 'cut-from-carrier': {
        const process = someProcess(draw.pick(['dialer', 'gateway', 'hangup', 'api']));
        if (!process) return;
        const what = kind === 'cut-from-redis' ? 'redis' : 'carrier';
        weather.begins(kind, now + forMs, process.name);
        process.cut[what] = true;
        scheduler.after(forMs, () => void (process.cut[what] = false));
        return;
      }
      default:
        if (target === null) {
          weather.setRate(kind, rate);
          scheduler.after(forMs, () => weather.setRate(kind, 0));
          return;
        }
    }
    const process = someProcess(target);
    if (!process) return;
    weather.begins(kind, now + (act === 'freeze' ? forMs : 0), process.name);
    if (act === 'kill') world.kill(process);
    else if (act === 'freeze') world.freeze(process, forMs);
    else world.stop(process);
  }

  function someProcess(kind: Kind): SimProcess | undefined {
    const serving = world.processes(kind).filter((process) => process.isServing());
    return serving.length === 0 ? undefined : draw.pick(serving);
  }
}

function split(kind: string): readonly ['kill' | 'freeze' | 'stop' | null, Kind | null] {
  const found = /^(kill|freeze|stop)-(api|dialer|gateway|hangup)$/.exec(kind);
  return found ? [found[1] as 'kill', found[2] as Kind] : [null, null];
}
