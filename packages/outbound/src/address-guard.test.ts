import { describe, expect, it } from 'vitest';
import { checkAddress, guardedLookup, PRIVATE_NETWORKS, readAllowedNetworks, type LookUp } from './address-guard.js';

const publicOnly = { allowed: [], isPublicAllowed: true };
const meaning =
  (...addresses: string[]): LookUp =>
  (_, __, callback) =>
    callback(
      null,
      addresses.map((address) => ({ address, family: address.includes(':') ? 6 : 4 })),
    );
const lookedUp = (lookUp: LookUp, rule = publicOnly, all = false): Promise<unknown> =>
  new Promise((resolve) => {
    guardedLookup(rule, lookUp)('tool.example', { all }, (error, address) => resolve(error ? error.code : address));
  });

describe('an address that a tool may reach', () => {
  it.each(['93.184.216.34', '8.8.8.8', '2606:2800:220:1:248:1893:25c8:1946'])('%s', (address) => {
    expect(() => checkAddress(address, publicOnly)).not.toThrow();
  });
});

describe('an address that no tool may reach', () => {
  it.each([
    ['127.0.0.1', 'this machine'],
    ['127.8.8.8', 'this machine'],
    ['0.0.0.0', 'this machine'],
    ['10.0.0.1', 'a private network'],
    ['172.16.0.1', 'a private network'],
    ['192.168.1.1', 'a private network'],
    ['169.254.169.254', 'the metadata of a cloud'],
    ['100.100.100.200', 'the metadata of another'],
    ['192.0.0.192', 'the metadata of a third'],
    ['100.64.0.1', 'a carrier-grade network'],
    ['198.18.0.1', 'a network for benchmarks'],
    ['224.0.0.1', 'many'],
    ['255.255.255.255', 'all'],
    ['240.0.0.1', 'nobody yet'],
    ['::1', 'this machine'],
    ['::', 'this machine'],
    ['fe80::1', 'this link'],
    ['fc00::1', 'a private network'],
    ['fd00:ec2::254', 'the metadata of a cloud'],
    ['ff02::1', 'many'],
    ['::ffff:127.0.0.1', 'this machine, wrapped'],
    ['::ffff:93.184.216.34', 'a public one, wrapped'],
    ['64:ff9b::7f00:1', 'this machine, translated'],
    ['2002:7f00:1::', 'this machine, by 6to4'],
    ['2001::1', 'whoever, by Teredo'],
    ['2001:db8::1', 'nobody: documentation'],
  ])('%s: %s', (address) => {
    expect(() => checkAddress(address, publicOnly)).toThrow(expect.objectContaining({ code: 'forbidden-address' }));
  });

  it('may be reached all the same if its network was allowed by name', () => {
    const rule = { allowed: readAllowedNetworks(['10.1.0.0/16', 'fd00::/8', '127.0.0.1']), isPublicAllowed: true };
    for (const address of ['10.1.2.3', 'fd00::1', '127.0.0.1']) expect(() => checkAddress(address, rule)).not.toThrow();
    for (const address of ['10.2.0.1', 'fc00::1', '127.0.0.2']) expect(() => checkAddress(address, rule)).toThrow();
  });

  it('is every address but those, for what is not encrypted', () => {
    const rule = { allowed: readAllowedNetworks(['10.1.0.0/16']), isPublicAllowed: false };
    expect(() => checkAddress('10.1.2.3', rule)).not.toThrow();
    expect(() => checkAddress('93.184.216.34', rule)).toThrow();
  });

  it('is the metadata of a cloud also for who may reach private networks', () => {
    const rule = { allowed: PRIVATE_NETWORKS, isPublicAllowed: true };
    for (const address of ['127.0.0.1', '10.1.2.3', '172.20.0.1', '192.168.1.1', '::1', 'fc00::1']) {
      expect(() => checkAddress(address, rule)).not.toThrow();
    }
    for (const address of ['169.254.169.254', 'fd00:ec2::254', '100.100.100.200', '0.0.0.0', 'fe80::1', '::ffff:127.0.0.1']) {
      expect(() => checkAddress(address, rule)).toThrow();
    }
  });

  it('cannot be allowed by a text that is no network', () => {
    expect(() => readAllowedNetworks(['internal.example'])).toThrow();
    expect(() => readAllowedNetworks(['10.0.0.0/33'])).toThrow();
  });
});

describe('a name', () => {
  it('leads to the very address that was checked, whatever it means a moment later', async () => {
    const meanings = ['93.184.216.34', '127.0.0.1'];
    const rebinding: LookUp = (...given) => meaning(meanings.shift()!)(...given);
    expect(await lookedUp(rebinding)).toBe('93.184.216.34');
    expect(await lookedUp(rebinding)).toBe('forbidden-address');
  });

  it('is refused whole if one of its addresses is', async () => {
    expect(await lookedUp(meaning('93.184.216.34', '10.0.0.1'))).toBe('forbidden-address');
    expect(await lookedUp(meaning('93.184.216.34', '8.8.8.8'), publicOnly, true)).toHaveLength(2);
  });

  it('that means nothing leads nowhere', async () => {
    expect(await lookedUp((_, __, callback) => callback(Object.assign(new Error('no'), { code: 'ENOTFOUND' }), []))).toBe(
      'ENOTFOUND',
    );
    expect(await lookedUp(meaning())).toBeUndefined();
  });
});
