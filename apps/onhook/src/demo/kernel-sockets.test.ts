import { connect, createServer, type AddressInfo } from 'node:net';
import { once } from 'node:events';
import { describe, expect, it } from 'vitest';
import { countIn, countOpenSockets } from './kernel-sockets.js';

const TABLE = `  sl  local_address rem_address   st tx_queue rx_queue
   0: 0100007F:0BB8 00000000:0000 0A 00000000:00000000
   1: 0100007F:0BB8 0100007F:C350 01 00000000:00000000
   2: 0100007F:C350 0100007F:0BB8 08 00000000:00000000
   3: 0100007F:C351 0100007F:0BB8 06 00000000:00000000
   4: 0100007F:1F90 0100007F:C352 01 00000000:00000000
`;

describe('open sockets as the kernel counts them', () => {
  it('counts both ends at a port, half-closed ones too, and neither listeners nor what waits out its time', () => {
    expect(countIn(TABLE, new Set([3000]))).toBe(2);
  });

  it('sees a real connection come and go', async () => {
    const server = createServer().listen(0, '127.0.0.1');
    await once(server, 'listening');
    const { port } = server.address() as AddressInfo;
    expect(countOpenSockets([port])).toBe(0);
    const client = connect(port, '127.0.0.1');
    const [accepted] = (await once(server, 'connection')) as [import('node:net').Socket];
    expect(countOpenSockets([port])).toBe(2);
    accepted.end();
    client.end();
    await Promise.all([once(accepted, 'close'), once(client, 'close')]);
    expect(countOpenSockets([port])).toBe(0);
    server.close();
  });

  it('are unknown, not none, where no table can be read; one of the two is enough', () => {
    expect(countOpenSockets([3000], ['/nowhere/tcp', '/nowhere/tcp6'])).toBeNull();
    expect(countOpenSockets([1], ['/proc/net/tcp', '/nowhere/tcp6'])).toBe(0);
  });
});
