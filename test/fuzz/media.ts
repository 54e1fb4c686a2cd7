import { once } from 'node:events';
import { systemTimers } from '@onhook/service';
import { carrierActs } from './carrier-acts.js';
import { createDice } from './dice.js';
import { AGENT, aNeighbour, MEDIA_PATH, openFuzzedGateway, until, type FuzzedGateway } from './fuzzed-gateway.js';
import { startProvider } from './provider.js';
import type { FuzzReport, FuzzTarget } from './target.js';
import { text, upgraded } from './websocket-bytes.js';

const AT_ONCE = 8;
const ACTS = 24;

/**
 * Hostile carriers at the media socket of a real gateway, beside one call as it should be. What each of them does follows from the
 * seed and its number. It may end its own call; the neighbour, the process, and what is kept afterwards must be as if it had not been.
 */
export const fuzzMedia: FuzzTarget = async ({ n, seed }): Promise<FuzzReport> => {
  const provider = await startProvider(AGENT);
  const house = await openFuzzedGateway(provider);
  const failures: string[] = [];
  const neighbour = await aNeighbour(house, provider);
  let next = 0;
  let acts = 0;
  await Promise.all(
    Array.from({ length: Math.min(AT_ONCE, n) }, async () => {
      while (next < n) {
        const done = await oneCarrier(house, seed + next++);
        acts += done;
      }
    }),
  );
  await until('every hostile call is over', () => house.gateway.live() === 1 && provider.open() === 1).catch((error: Error) =>
    failures.push(`${error.message}; calls: ${house.gateway.live()}, sessions: ${provider.open()}`),
  );
  const frames = neighbour.framesSent();
  failures.push(...neighbour.faults().map((fault) => `the neighbour: ${fault}`));
  await neighbour.hangUp();
  await house.close();
  await provider.close();
  failures.push(...house.uncaught.map((error) => `uncaught: ${error}`));
  return {
    n,
    seed,
    acts,
    accepted: house.traffic.streamsAccepted - 1,
    neighbourFrames: frames,
    rssMb: Math.round(process.memoryUsage.rss() / 1_048_576),
    failures,
  };
};

/** @returns how often it did something */
async function oneCarrier({ port, dial }: FuzzedGateway, seed: number): Promise<number> {
  const dice = createDice(seed);
  const { start } = await dial();
  const socket = await upgraded(port, MEDIA_PATH);
  // Most are let in: there is more behind the door than before it.
  if (!dice.oneIn(5)) {
    socket.write(text(JSON.stringify({ event: 'connected', protocol: 'Call', version: '1.0.0' })));
    socket.write(text(JSON.stringify(start)));
    if (!dice.oneIn(4)) await systemTimers.sleep(5 + dice.below(30));
  }
  let acts = 0;
  while (acts < ACTS && (await carrierActs(socket, start, dice, acts * 400))) {
    acts++;
    if (dice.oneIn(3)) await systemTimers.sleep(dice.below(10));
  }
  if (!socket.destroyed) {
    socket.end();
    // A server that closes at its own pace; nobody waits for longer.
    await Promise.race([once(socket, 'close'), systemTimers.sleep(300)]);
    socket.destroy();
  }
  return acts;
}
