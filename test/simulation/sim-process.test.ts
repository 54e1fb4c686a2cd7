import { describe, expect, it } from 'vitest';
import { createDraw } from './draw.js';
import { createPorts, type CrashPoint } from './ports.js';
import { createScheduler } from './scheduler.js';
import { createSimProcess } from './sim-process.js';
import { createWeather } from './weather.js';
import { narrator } from './narrator.js';

function setUp(armed: CrashPoint[] = []) {
  const scheduler = createScheduler(1_000_000);
  const logger = narrator(() => {})('test', scheduler.now);
  const process = createSimProcess({ name: 'dialer-1/1', kind: 'dialer', slot: 1, scheduler, logger, skewMs: 0 });
  const draw = createDraw(1, 'test', scheduler.now);
  const ports = createPorts({
    scheduler,
    draw,
    weather: createWeather({ draw, now: scheduler.now }),
    isRedisDown: () => false,
    armed,
    strike: (victim, { act }) => (act === 'kill' ? victim.kill() : victim.freeze()),
    isAccountAway: () => false,
  });
  const pass = (ms: number): Promise<void> => scheduler.run(scheduler.now() + ms);
  return { scheduler, process, ports, pass };
}

describe('a simulated process', () => {
  it('runs what falls due in order, and nothing twice', async () => {
    const { process, pass } = setUp();
    const seen: string[] = [];
    process.timers.after(20, () => seen.push('late'));
    process.timers.after(10, () => seen.push('early'));
    process.timers.after(15, () => seen.push('canceled')).cancel();
    await pass(100);
    expect(seen).toEqual(['early', 'late']);
  });

  it('catches up with everything after a freeze, and its clock has gone on', async () => {
    const { process, pass } = setUp();
    const seen: number[] = [];
    process.timers.after(10, () => seen.push(Math.round(process.clock.monotonicMs())));
    process.freeze();
    process.deliver(() => seen.push(-1));
    await pass(1_000);
    expect(seen).toEqual([]);
    process.thaw();
    await pass(1);
    expect(seen).toEqual([-1, 1_000]);
  });

  it('does nothing more once it is dead', async () => {
    const { process, pass } = setUp();
    const seen: string[] = [];
    process.timers.after(10, () => seen.push('timer'));
    void process.timers.sleep(10).then(() => seen.push('sleep'));
    process.kill();
    process.deliver(() => seen.push('message'));
    await pass(1_000);
    expect(seen).toEqual([]);
  });

  it.each([
    ['before', 0],
    ['after', 1],
  ])('killed %s a call through a port, it never hears what became of it', async (when, carriedOut) => {
    const { process, ports, pass } = setUp([
      { kind: 'dialer', place: `calls.apply(dial-started):${when}`, act: 'kill', freezeMs: 0 },
    ]);
    let count = 0;
    const port = ports.wrap(process, 'calls', { apply: async (_callId: string, _event: { type: string }) => ++count });
    let answer: unknown = 'none';
    void port.apply('call', { type: 'dial-started' }).then((given) => (answer = given));
    await pass(1_000);
    expect([count, answer]).toEqual([carriedOut, 'none']);
  });
});
