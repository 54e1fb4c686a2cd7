import { isIPv4 } from 'node:net';
import forge from 'node-forge';

const { asn1 } = forge;
const dnsName = 2;
const ipAddress = 7;

/** Extension `nameConstraints` (RFC 5280, 4.2.1.10), which forge cannot write: what this CA may vouch for, and nothing else. */
export function nameConstraints({ dns, ip }: { dns: readonly string[]; ip: readonly string[] }): object {
  const trees = [
    ...dns.map((name) => subtree(dnsName, name)),
    ...ip.map((address) => subtree(ipAddress, addressAndMask(address))),
  ];
  const permitted = asn1.create(asn1.Class.CONTEXT_SPECIFIC, 0, true, trees);
  const value = asn1.create(asn1.Class.UNIVERSAL, asn1.Type.SEQUENCE, true, [permitted]);
  return { id: '2.5.29.30', critical: true, value: asn1.toDer(value).getBytes() };
}

function subtree(tag: number, value: string): forge.asn1.Asn1 {
  return asn1.create(asn1.Class.UNIVERSAL, asn1.Type.SEQUENCE, true, [
    asn1.create(asn1.Class.CONTEXT_SPECIFIC, tag, false, value),
  ]);
}

/** As a binary string: the address, and as many bytes of mask, all ones. */
function addressAndMask(address: string): string {
  const bytes = isIPv4(address) ? address.split('.').map(Number) : loopback6(address);
  return String.fromCharCode(...bytes, ...bytes.map(() => 0xff));
}

function loopback6(address: string): number[] {
  if (address !== '::1') throw new RangeError(`no other IPv6 address than ::1, not ${address}`);
  return Array.from({ length: 16 }, (_, at) => (at === 15 ? 1 : 0));
}
