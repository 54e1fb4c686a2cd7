import { lookup as systemLookup, type LookupAddress, type LookupAllOptions } from 'node:dns';
import type { LookupFunction } from 'node:net';
import ipaddr from 'ipaddr.js';

/** Networks that may be reached although they are not public: `10.1.0.0/16`. */
export type AllowedNetworks = readonly (readonly [ipaddr.IPv4 | ipaddr.IPv6, number])[];

export interface AddressRule {
  readonly allowed: AllowedNetworks;
  /** Else nothing but what was allowed by name. */
  readonly isPublicAllowed: boolean;
}

/** As `dns.lookup` asked for all addresses. */
export type LookUp = (
  hostname: string,
  options: LookupAllOptions,
  callback: (error: NodeJS.ErrnoException | null, addresses: LookupAddress[]) => void,
) => void;

/** Nobody may be sent to this address: it is private, local, or belongs to the machine's own surroundings. */
export class ForbiddenAddressError extends Error {
  readonly code = 'forbidden-address';
  constructor(readonly range: string) {
    super(`the address is not allowed (${range})`);
    this.name = 'ForbiddenAddressError';
  }
}

/** @throws Error for a text that is neither an address nor a network */
export function readAllowedNetworks(texts: readonly string[]): AllowedNetworks {
  return texts.map((text) => {
    if (text.includes('/')) return ipaddr.parseCIDR(text);
    const address = ipaddr.parse(text);
    return [address, address.kind() === 'ipv4' ? 32 : 128];
  });
}

/**
 * This machine and private networks, for who says that they may be reached. Link-local addresses are not among them: in a cloud they
 * hand out the machine's own credentials.
 */
export const PRIVATE_NETWORKS: AllowedNetworks = readAllowedNetworks([
  '127.0.0.0/8',
  '10.0.0.0/8',
  '172.16.0.0/12',
  '192.168.0.0/16',
  '::1/128',
  'fc00::/8',
]);

/**
 * Only plain unicast addresses are public. Everything that has a name in the IANA registries is not: private, loopback, link-local
 * (the clouds' metadata), shared, unique-local, multicast, reserved, and IPv6 forms that wrap an IPv4 address.
 *
 * @throws ForbiddenAddressError
 */
export function checkAddress(text: string, { allowed, isPublicAllowed }: AddressRule): void {
  const address = ipaddr.parse(text);
  if (allowed.some(([network, bits]) => address.kind() === network.kind() && address.match(network, bits))) return;
  const range = address.range();
  if (!isPublicAllowed || range !== 'unicast') throw new ForbiddenAddressError(range);
}

/**
 * The lookup of one connection. The address that is checked is the address that is connected to: a name that means something else
 * a moment later changes nothing. One forbidden address among several refuses all of them.
 */
export function guardedLookup(rule: AddressRule, lookup: LookUp = systemLookup): LookupFunction {
  return (hostname, options, callback) => {
    lookup(hostname, { ...options, all: true }, (error, addresses) => {
      if (error) return callback(error, []);
      try {
        for (const { address } of addresses) checkAddress(address, rule);
      } catch (forbidden) {
        return callback(forbidden as NodeJS.ErrnoException, []);
      }
      const [first] = addresses;
      if (!first) return callback(new Error('the name has no address'), []);
      if (options.all) callback(null, addresses);
      else callback(null, first.address, first.family);
    });
  };
}
