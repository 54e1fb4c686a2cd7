import { systemClock, systemTimers } from '@onhook/service';
import type { TestRedis } from '../../redis.js';
import type { FaultClass, FaultLine } from '../evidence.js';
import type { Post } from './fleet.js';
import type { Dice } from './seeded.js';

/** One thing that can be done to the system as a whole. */
interface Fault {
  readonly kind: string;
  readonly class: FaultClass;
  /** May leave a create of which nobody knows whether it was sent: that takes minutes to prove. */
  readonly isSlowToProve?: boolean;
  /** Resolves when it is over. Null: it could not be done now. */
  inflict(world: FaultWorld): Promise<Partial<FaultLine> | null>;
}

export interface FaultWorld {
  readonly posts: readonly Post[];
  readonly redis: Pick<TestRedis, 'kill' | 'restart' | 'pause' | 'resume'>;
  readonly simulatorUrl: string;
  readonly dice: Dice;
}

const KINDS = ['api', 'dialer', 'gateway', 'hangup'] as const;

/** Steps between which a process may die: each port call of a call's life. */
const CRASH_POINTS: readonly [Post['kind'], string][] = [
  ['api', 'calls.create:after'],
  ['api', 'queue.add(dial):before'],
  ['api', 'calls.apply(carrier):before'],
  ['api', 'calls.apply(carrier):after'],
  ['dialer', 'admission.ask:after'],
  ['dialer', 'calls.apply(dial-started):after'],
  ['dialer', 'carrier.placeCall:before'],
  ['dialer', 'carrier.placeCall:after'],
  ['dialer', 'calls.apply(accepted):after'],
  ['gateway', 'calls.apply(stream-started):before'],
  ['gateway', 'calls.apply(stream-started):after'],
  ['gateway', 'calls.apply(end-asked):before'],
  ['gateway', 'calls.apply(end-asked):after'],
  ['gateway', 'queue.add(hangup):before'],
  ['hangup', 'hangup-job.handle:before'],
  ['hangup', 'orders.send(close):before'],
  ['hangup', 'carrier.hangUp:before'],
  ['hangup', 'carrier.hangUp:after'],
  ['hangup', 'calls.apply(carrier):before'],
  ['hangup', 'places.release:before'],
  ['hangup', 'calls.apply(settled):before'],
];
const CRASH_WITHIN_MS = 15_000;
const CREATE_MAY_BE_LOST = new Set(['calls.apply(dial-started):after', 'carrier.placeCall:before']);

/** A free process of this kind, never the last one of its kind that stands. */
function victim({ posts, dice }: FaultWorld, kind: Post['kind']): Post | null {
  const ofKind = posts.filter((post) => post.kind === kind);
  const free = ofKind.filter((post) => post.isUp && !post.isBusy);
  return free.length >= 2 || (free.length === 1 && ofKind.length === 1) ? dice.pick(free) : null;
}

const onProcess = (
  kind: Post['kind'],
  name: string,
  act: (post: Post, dice: Dice) => Promise<void>,
  isSlowToProve = false,
): Fault => ({
  kind: `${name}-${kind}`,
  class: 'process',
  isSlowToProve,
  async inflict(world) {
    const post = victim(world, kind);
    if (!post) return null;
    await act(post, world.dice);
    return { who: post.who };
  },
});

export const PROCESS_FAULTS: readonly Fault[] = KINDS.flatMap((kind) => [
  onProcess(kind, 'kill', (post, dice) => post.kill(dice.between(200, 2_500)), kind === 'dialer'),
  onProcess(kind, 'freeze', (post, dice) => post.freeze(dice.between(2_000, 9_000))),
  onProcess(kind, 'restart', (post) => post.restart()),
  onProcess(kind, 'cut-off', async (post, dice) => {
    post.line.refuse(true);
    post.line.cut();
    await systemTimers.sleep(dice.between(500, 5_000));
    post.line.refuse(false);
  }),
  onProcess(kind, 'half-open', async (post, dice) => {
    post.line.freeze();
    await systemTimers.sleep(dice.between(1_000, 4_000));
    post.line.cut();
  }),
]);

export const CRASH_FAULTS: readonly Fault[] = CRASH_POINTS.map(([kind, place]) => ({
  kind: `crash-${kind}:${place}`,
  class: 'process',
  isSlowToProve: CREATE_MAY_BE_LOST.has(place),
  async inflict(world) {
    const post = victim(world, kind);
    if (!post) return null;
    const died = await post.dieAt(place, CRASH_WITHIN_MS);
    return died === false ? null : { who: post.who };
  },
}));

export const REDIS_FAULTS: readonly Fault[] = [
  {
    kind: 'redis-kill',
    class: 'redis',
    async inflict({ redis, dice }) {
      await redis.kill();
      await systemTimers.sleep(dice.between(200, 2_500));
      await redis.restart();
      return {};
    },
  },
  {
    kind: 'redis-freeze',
    class: 'redis',
    async inflict({ redis, dice }) {
      redis.pause();
      await systemTimers.sleep(dice.between(1_000, 5_000));
      redis.resume();
      return {};
    },
  },
  {
    // Answers that were on their way are lost after the commit.
    kind: 'redis-cut',
    class: 'redis',
    async inflict({ posts }) {
      for (const post of posts) post.line.cut();
      await systemTimers.sleep(500);
      return {};
    },
  },
];

const outage = (kind: string, more: Record<string, unknown> = {}): Fault => ({
  kind,
  class: 'carrier',
  async inflict({ simulatorUrl, dice }) {
    const lastsMs = dice.between(1_500, 5_000);
    const response = await fetch(`${simulatorUrl}/simulator/faults`, {
      method: 'POST',
      headers: { 'Content-Type': 'application/json' },
      body: JSON.stringify({ kind, lastsMs, ...more }),
      signal: AbortSignal.timeout(20_000),
    });
    if (!response.ok) throw new Error(`the simulator took no fault ${kind}: ${response.status} ${await response.text()}`);
    await systemTimers.sleep(lastsMs);
    return {};
  },
});

export const CARRIER_FAULTS: readonly Fault[] = [
  outage('rest-away'),
  outage('rest-429'),
  outage('rest-bad-gateway'),
  outage('rest-slow', { delayMs: 1_500 }),
  outage('rest-half-open'),
  outage('rest-garbled'),
  outage('update-5xx'),
  outage('update-5xx-after'),
  outage('update-drop-after'),
  outage('create-429'),
  outage('create-5xx-after'),
  outage('create-drop-after'),
  outage('list-away'),
  outage('list-lag', { delayMs: 3_000 }),
  outage('fetch-away'),
  outage('fetch-lag', { delayMs: 3_000 }),
];
/** Of these a create may never have been carried out. */
const LOSES_CREATES = new Set(['rest-away', 'rest-half-open', 'rest-bad-gateway', 'rest-garbled']);

/** In which order, and how much of what: each kind once before any comes twice. */
export function drawFaults(dice: Dice, count: number): Fault[] {
  const all = [...PROCESS_FAULTS, ...CRASH_FAULTS, ...REDIS_FAULTS, ...REDIS_FAULTS, ...CARRIER_FAULTS];
  const drawn: Fault[] = [];
  while (drawn.length < count) drawn.push(...dice.shuffle(all));
  const chosen = drawn.slice(0, count);
  // What takes minutes to prove comes first.
  const isSlow = (fault: Fault): boolean => fault.isSlowToProve === true || LOSES_CREATES.has(fault.kind);
  return [...chosen.filter(isSlow), ...chosen.filter((fault) => !isSlow(fault))];
}

/** Does it, and writes down when it began and was over. */
export async function inflict(fault: Fault, world: FaultWorld, write: (line: FaultLine) => void): Promise<boolean> {
  const at = systemClock.now();
  const more = await fault.inflict(world);
  if (more) write({ kind: fault.kind, class: fault.class, at, until: systemClock.now(), ...more });
  return more !== null;
}

export type { Fault };
