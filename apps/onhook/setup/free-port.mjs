// Ports are picked below the range from which the kernel serves outgoing connections: what was free stays free until it is used.
import net from 'node:net';

const LOWEST = 20_000;
const HIGHEST = 32_000;

/**
 * A free port on the loopback interface. With `alsoFree`, that distance above it is free too (Redis's cluster bus).
 *
 * @param {{ alsoFree?: number, taken?: Set<number> }} [options]
 */
export async function freePort({ alsoFree, taken } = {}) {
  for (let attempt = 0; attempt < 200; attempt += 1) {
    const port = LOWEST + Math.floor(Math.random() * (HIGHEST - LOWEST));
    if (taken?.has(port)) continue;
    if (!(await isFree(port))) continue;
    if (alsoFree && !(await isFree(port + alsoFree))) continue;
    taken?.add(port);
    return port;
  }
  throw new Error(`no free port was found between ${LOWEST} and ${HIGHEST}`);
}

export function isFree(port, host = '127.0.0.1') {
  return new Promise((resolve) => {
    const probe = net.createServer();
    probe.once('error', () => resolve(false));
    probe.listen({ port, host, exclusive: true }, () => probe.close(() => resolve(true)));
  });
}
