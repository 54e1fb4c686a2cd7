import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';

/**
 * How long an idle connection is kept. Node's own 5 s are so short that a client which asks every few seconds meets the moment
 * of closing, and takes its broken connection for the carrier's.
 */
const keepAliveMs = 65_000;

/** Resolves with the port. */
export function listen(server: Server, host: string, port: number): Promise<number> {
  server.keepAliveTimeout = keepAliveMs;
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, host, () => {
      server.off('error', reject);
      resolve((server.address() as AddressInfo).port);
    });
  });
}

export function closeServer(server: Server): Promise<void> {
  return new Promise((resolve) => {
    server.close(() => resolve());
    server.closeAllConnections();
  });
}
