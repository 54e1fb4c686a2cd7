import { once } from 'node:events';
import type { Socket } from 'node:net';
import { systemTimers } from '@onhook/service';
import { WebSocket } from 'ws';
import { agentActs } from './agent-acts.js';
import { createDice } from './dice.js';
import { AGENT, aNeighbour, MEDIA_PATH, mediaMessage, openFuzzedGateway, until, type FuzzedGateway } from './fuzzed-gateway.js';
import { CREATED, startProvider, UPDATED, type ProviderSession } from './provider.js';
import type { FuzzReport, FuzzTarget } from './target.js';

const AT_ONCE = 8;
const ACTS = 24;
/** A hostile provider's callee stays so long, or until its call is ended. */
const CALL_MS = 1_500;
/** Other than every other voice. */
const CALLEE = 0x55;

/**
 * Hostile providers at the agents' sockets of a real gateway, beside one call as it should be. What each of them does follows from the
 * seed and its number. It may end its own call; the neighbour, the process, and what is kept afterwards must be as if it had not been.
 */
export const fuzzAgent: FuzzTarget = async ({ n, seed }): Promise<FuzzReport> => {
  const seeds = new Map<string, number>();
  const failures: string[] = [];
  let acts = 0;
  let sessions = 0;
  const provider = await startProvider(AGENT, (session) => {
    const own = seeds.get(session.callId);
    if (own === undefined) return false;
    sessions++;
    be(session, own + 7_919 * sessions, () => void acts++).catch((error: Error) =>
      failures.push(`seed ${own}: ${error.message}`),
    );
    return true;
  });
  const house = await openFuzzedGateway(provider);
  const neighbour = await aNeighbour(house, provider);
  let next = 0;
  await Promise.all(
    Array.from({ length: Math.min(AT_ONCE, n) }, async () => {
      while (next < n) {
        const own = seed + next++;
        await oneCall(house, (callId) => seeds.set(callId, own));
      }
    }),
  );
  await until('every hostile call is over', () => house.gateway.live() === 1 && provider.open() === 1).catch((error: Error) =>
    failures.push(`${error.message}; calls: ${house.gateway.live()}, sessions: ${provider.open()}`),
  );
  failures.push(...neighbour.faults().map((fault) => `the neighbour: ${fault}`));
  await neighbour.hangUp();
  await house.close();
  await provider.close();
  failures.push(...house.uncaught.map((error) => `uncaught: ${error}`));
  const rssMb = Math.round(process.memoryUsage.rss() / 1_048_576);
  return { n, seed, sessions, acts, neighbourFrames: neighbour.framesSent(), rssMb, failures };
};

async function be({ socket }: ProviderSession, seed: number, onAct: () => void): Promise<void> {
  const dice = createDice(seed);
  // The library keeps the socket to itself; what is no frame at all has to pass beside it.
  const wire = (socket as unknown as { _socket: Socket })._socket;
  wire.on('error', () => {});
  // Most are content at first: there is more behind the configuration than before it.
  if (!dice.oneIn(4)) {
    socket.send(JSON.stringify(CREATED));
    await Promise.race([once(socket, 'message'), systemTimers.sleep(500)]);
    if (socket.readyState === WebSocket.OPEN) socket.send(JSON.stringify(UPDATED));
  }
  for (let i = 0; i < ACTS && socket.readyState === WebSocket.OPEN; i++) {
    if (!(await agentActs(socket, wire, dice))) return;
    onAct();
    if (dice.oneIn(2)) await systemTimers.sleep(dice.below(20));
  }
}

/** A callee as it should be, of an agent that is not. */
async function oneCall({ port, dial }: FuzzedGateway, isOf: (callId: string) => void): Promise<void> {
  const { callId, start } = await dial();
  isOf(callId);
  const socket = new WebSocket(`ws://127.0.0.1:${port}${MEDIA_PATH}`, { perMessageDeflate: false });
  socket.on('error', () => {});
  socket.on('message', (data: Buffer) => {
    const message = JSON.parse(data.toString('utf8')) as { event: string };
    if (message.event === 'mark') socket.send(data.toString('utf8'));
  });
  const closed = once(socket, 'close');
  await once(socket, 'open');
  socket.send(JSON.stringify(start));
  let n = 0;
  const timer = systemTimers.every(20, () => {
    if (socket.readyState === WebSocket.OPEN) socket.send(mediaMessage(start.streamSid, ++n, CALLEE));
  });
  await Promise.race([closed, systemTimers.sleep(CALL_MS)]);
  timer.cancel();
  socket.close();
  await closed;
}
