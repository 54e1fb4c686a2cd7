import { connect, createServer, type AddressInfo, type Socket } from 'node:net';
import { systemTimers } from '@onhook/service';

/** What stands before the api's replicas in a real deployment: it leads each connection to one that is healthy. */
export interface Front {
  readonly port: number;
  close(): Promise<void>;
}

const LOOK_EVERY_MS = 500;
const LOOK_WITHIN_MS = 1_000;

export async function openFront(ports: readonly number[]): Promise<Front> {
  const healthy = new Set(ports);
  const sockets = new Set<Socket>();
  let next = 0;
  const look = systemTimers.every(LOOK_EVERY_MS, () => {
    for (const port of ports)
      void fetch(`http://127.0.0.1:${port}/healthz`, { signal: AbortSignal.timeout(LOOK_WITHIN_MS) }).then(
        () => healthy.add(port),
        () => healthy.delete(port),
      );
  });
  const server = createServer((near) => {
    const choice = ports.filter((port) => healthy.has(port));
    const from = choice.length > 0 ? choice : ports;
    const far = connect(from[next++ % from.length]!, '127.0.0.1');
    for (const [one, other] of [
      [near, far],
      [far, near],
    ] as const) {
      sockets.add(one);
      one.pipe(other);
      one.on('error', () => other.destroy());
      one.on('close', () => {
        sockets.delete(one);
        other.destroy();
      });
    }
  });
  await new Promise<void>((resolve) => void server.listen(0, '127.0.0.1', resolve));
  return {
    port: (server.address() as AddressInfo).port,
    async close() {
      look.cancel();
      for (const socket of sockets) socket.destroy();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
