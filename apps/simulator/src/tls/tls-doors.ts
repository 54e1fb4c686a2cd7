import type { Server } from 'node:http';
import { systemChance, systemClock } from '@onhook/service';
import type { LedgerWriter } from '../ledger.js';
import { closeServer, listen } from '../listen.js';
import { createConnectProxy } from './connect-proxy.js';
import { openPrivateCa, type PrivateCa } from './private-ca.js';
import { createTlsFront, type Hosts } from './tls-front.js';

/** How programs reach the simulator that have `api.twilio.com` hard-coded. Neither port: none of this exists. */
export interface TlsOptions {
  /** HTTPS; 443 for a program that finds us by a hosts entry. 0: any free port. */
  tlsPort?: number | undefined;
  /** For `HTTPS_PROXY`. 0: any free port. */
  proxyPort?: number | undefined;
  /** Where `ca.pem` and its key are kept from one run to the next; without it the CA lives as long as the process. */
  caDir?: string | undefined;
}

export interface TlsDoors {
  readonly ca: PrivateCa;
  readonly tlsPort: number | undefined;
  readonly proxyPort: number | undefined;
  close(): Promise<void>;
}

export async function openTlsDoors(
  { tlsPort, proxyPort, caDir }: TlsOptions,
  { host, hosts, ledger }: { host: string; hosts: Hosts; ledger: LedgerWriter },
): Promise<TlsDoors | undefined> {
  if (tlsPort === undefined && proxyPort === undefined) return undefined;
  // The real time and chance, whatever the simulation runs on: clients judge dates by their own clock, and refuse a serial number twice.
  const ca = await openPrivateCa({ dir: caDir, clock: systemClock, chance: systemChance });
  const front = createTlsFront({ ca, hosts, ledger });
  const proxy = proxyPort === undefined ? undefined : createConnectProxy({ front, ledger });
  const open: Server[] = [];
  const start = async (server: Server, port: number): Promise<number> => {
    const at = await listen(server, host, port);
    open.push(server);
    return at;
  };
  const close = async (): Promise<void> => {
    front.closeAllConnections();
    proxy?.closeTunnels();
    await Promise.all(open.map(closeServer));
  };
  try {
    return {
      ca,
      tlsPort: tlsPort === undefined ? undefined : await start(front, tlsPort),
      proxyPort: proxy && (await start(proxy.server, proxyPort ?? 0)),
      close,
    };
  } catch (error) {
    await close();
    throw error;
  }
}
