import { readFileSync } from 'node:fs';

const LISTEN = '0A';
const TIME_WAIT = '06';
const TABLES = ['/proc/net/tcp', '/proc/net/tcp6'];

/**
 * Open TCP sockets at these ports as the kernel counts them, whoever holds them: an own counter could be wrong in the same way
 * as the program that it counts for. Listening ones and those that only wait out their time are left out.
 *
 * @returns null where the kernel shows no table, as outside Linux: nothing seen is not nothing there
 */
export function countOpenSockets(ports: readonly number[], files: readonly string[] = TABLES): number | null {
  const tables = files.map(readTable).filter((table) => table !== null);
  return tables.length === 0 ? null : tables.reduce((sum, table) => sum + countIn(table, new Set(ports)), 0);
}

/** @param table the text of `/proc/net/tcp`: `sl local_address rem_address st …`, addresses as `0100007F:0BB8` */
export function countIn(table: string, ports: ReadonlySet<number>): number {
  return table
    .split('\n')
    .slice(1)
    .map((line) => line.trim().split(/\s+/))
    .filter(([, local, remote, state]) => {
      if (!local || !remote || !state || state === LISTEN || state === TIME_WAIT) return false;
      return ports.has(portOf(local)) || ports.has(portOf(remote));
    }).length;
}

const portOf = (address: string): number => Number.parseInt(address.split(':')[1] ?? '', 16);

function readTable(file: string): string | null {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return null; // no IPv6, not Linux, or not ours to read
  }
}
