import { createServer, connect, type AddressInfo, type Server, type Socket } from 'node:net';

/** A network that a test can break: stands before a port and passes on what comes, until it is told otherwise. */
export interface TcpProxy {
  readonly port: number;
  /** Connections that are open now. */
  open(): number;
  /** Resets every open connection. */
  cut(): void;
  /** Nothing passes on the connections that are open now, and nobody is told: their other ends stay open. */
  freeze(): void;
  /** As if one end of the connections that are open now read nothing any more, the other way goes on. @returns lets it read again */
  hold(way: 'to-client' | 'to-server'): () => void;
  /** New connections are reset at once, or served again. */
  refuse(isRefusing: boolean): void;
  close(): Promise<void>;
}

export async function startTcpProxy(targetPort: number): Promise<TcpProxy> {
  const pairs = new Set<[Socket, Socket]>();
  let isRefusing = false;

  const server: Server = createServer((near) => {
    if (isRefusing) return void near.resetAndDestroy();
    const far = connect(targetPort, '127.0.0.1');
    const pair: [Socket, Socket] = [near, far];
    pairs.add(pair);
    for (const [one, other] of [pair, [far, near]] as const) {
      one.setNoDelay(true);
      one.pipe(other);
      // One end that is gone takes the other with it; a reset is what a broken line looks like.
      one.on('error', () => other.destroy());
      one.on('close', () => {
        other.destroy();
        pairs.delete(pair);
      });
    }
  });
  await new Promise<void>((resolve) => void server.listen(0, '127.0.0.1', resolve));

  function each(act: (socket: Socket) => void): void {
    for (const pair of pairs) pair.forEach(act);
  }

  return {
    port: (server.address() as AddressInfo).port,
    open: () => pairs.size,
    cut: () => each((socket) => socket.resetAndDestroy()),
    freeze: () =>
      each((socket) => {
        socket.unpipe();
        socket.pause();
      }),
    hold(way) {
      const held = [...pairs].map(([near, far]) => (way === 'to-server' ? ([near, far] as const) : ([far, near] as const)));
      for (const [from, to] of held) {
        from.unpipe(to);
        from.pause();
      }
      return () => held.forEach(([from, to]) => void (from.destroyed || to.destroyed || from.pipe(to)));
    },
    refuse: (value) => void (isRefusing = value),
    async close() {
      each((socket) => socket.destroy());
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
