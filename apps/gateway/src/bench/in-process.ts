import { once } from 'node:events';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { createCarrierFrames, type CarrierFrames } from './carrier-frames.js';
import type { FrameCosts } from './figures.js';
import { acceptCarrier, dialAgent, type PlainBridge } from './plain-bridges.js';
import { createProvider, type Provider } from './provider.js';
import { createWire, upgradeRequest, type Wire } from './wire.js';

/** One call between two wires. */
export interface OpenCall {
  readonly frames: CarrierFrames;
  /** Where bytes of the carrier's arrive. */
  readonly carrier: Wire;
  readonly provider: Provider;
}

/** Opens call number `index`, ready for media. */
export type OpenOne = (index: number) => Promise<OpenCall>;

export interface Contender {
  readonly calls: readonly OpenCall[];
  /** 20 ms pass. */
  readonly advance: () => void;
  /** Frames of the carrier's in one append. */
  readonly framesPerAppend: number;
}

const CALLS = 40;
/** Of 40 frames: long enough for the garbage that a bridge makes to be collected at its own cost. */
const ROUNDS = 150;
const WARM_UP = 8;

export function openPlain(bridge: PlainBridge): OpenOne {
  const server = acceptCarrier(bridge);
  return async (index) => {
    const provider = createProvider({ speaks: false });
    const carrier = createWire(() => {});
    const agent = dialAgent(bridge, 'ws://bench/', () => provider.wire.socket);
    await once(agent, 'open');
    await new Promise<void>((resolve) => {
      server.handleUpgrade(upgradeRequest(carrier.socket, '/'), carrier.socket, Buffer.alloc(0), (socket) => {
        bridge.join(socket, agent);
        resolve();
      });
    });
    const frames = createCarrierFrames(index);
    carrier.push(frames.connected());
    carrier.push(frames.start({}));
    return { frames, carrier, provider };
  };
}

export async function openCalls(open: OpenOne): Promise<OpenCall[]> {
  const calls: OpenCall[] = [];
  for (let index = 0; index < CALLS; index++) calls.push(await open(index));
  return calls;
}

/**
 * Slices of all contenders in turn, the order turned too. Of each the quickest quarter counts: what disturbs only ever slows down.
 *
 * @returns microseconds of CPU for each frame, by contender
 */
export async function compare(contenders: ReadonlyMap<string, Contender>, slices: number): Promise<FrameCosts> {
  const costs = new Map<string, number[]>([...contenders].map(([name]) => [name, []]));
  const inOrder = [...contenders];
  for (let slice = -WARM_UP; slice < slices; slice++) {
    inOrder.push(inOrder.shift()!);
    for (const [name, contender] of inOrder) {
      const us = await measureSlice(contender);
      if (slice >= 0) costs.get(name)!.push(us);
    }
  }
  return Object.fromEntries([...costs].map(([name, all]) => [name, quickest(all)]));
}

function quickest(slices: readonly number[]): number {
  const sorted = [...slices].sort((a, b) => a - b);
  const some = sorted.slice(0, Math.max(1, Math.floor(sorted.length / 4)));
  return some.reduce((sum, us) => sum + us, 0) / some.length;
}

/**
 * The young generation only, twice: what others have left behind is gone, and the prepared frames are carried to where they stay. A full
 * collection would throw away optimised code as well.
 */
setFlagsFromString('--expose-gc');
const collectGarbage = runInNewContext('gc') as (options: { type: 'minor' }) => void;

/** CPU time of this process, garbage collection and all, in microseconds. */
function cpuUs(): number {
  const { user, system } = process.cpuUsage();
  return user + system;
}

/** Everything that was put off until this tick is over is done. */
const tick = (): Promise<void> => new Promise((resolve) => process.nextTick(resolve));

/** @returns microseconds of CPU for each frame */
async function measureSlice({ calls, advance, framesPerAppend }: Contender): Promise<number> {
  const before = calls.map(({ provider }) => provider.frames());
  const prepared = Array.from({ length: ROUNDS }, () => calls.map(({ frames }) => frames.media()));
  await tick();
  for (let i = 0; i < 2; i++) collectGarbage({ type: 'minor' });
  const began = cpuUs();
  for (const round of prepared) {
    for (let i = 0; i < calls.length; i++) calls[i]!.carrier.deliver(round[i]!.frame);
    await tick();
    advance();
  }
  const us = cpuUs() - began;
  calls.forEach(({ provider }, i) => {
    const appends = provider.frames() - before[i]!;
    if (appends !== ROUNDS / framesPerAppend) throw new Error(`${appends} appends came of ${ROUNDS} frames`);
  });
  // Of the last one only: its bytes are the writer's, who may have used them again.
  if (framesPerAppend === 1 && !calls.at(-1)!.provider.last().includes(prepared.at(-1)!.at(-1)!.payload))
    throw new Error('what came is not what was said');
  return us / (ROUNDS * calls.length);
}
