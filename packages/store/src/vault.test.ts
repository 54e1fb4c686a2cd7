import { systemChance } from '@onhook/service';
import { describe, expect, it } from 'vitest';
import { isNewerSchema } from './errors.js';
import { createVault, OPEN_VAULT } from './vault.js';

const key = (): Uint8Array => systemChance.bytes(32);
const vaultOf = (...dataKeys: Uint8Array[]) => createVault({ dataKeys, chance: systemChance });
const NUMBER = '+14155552671';

describe('a vault', () => {
  it('gives back what was put in, text or bytes, and shows nothing of it meanwhile', () => {
    const vault = vaultOf(key());
    for (const plain of ['', '{}', `{"to":"${NUMBER}"} und Grüße`, 'x'.repeat(100_000)]) {
      const sealed = vault.seal('call:1', plain);
      expect(vault.open('call:1', sealed).toString('utf8')).toBe(plain);
      if (plain.length > 2) expect(sealed.includes(plain.slice(0, 20))).toBe(false);
    }
    const bytes = Buffer.from([0xf5, 0, 1, 2, 0xff]);
    expect(vault.open('t', vault.seal('t', bytes))).toEqual(bytes);
  });

  it('never seals twice the same way, in whatever process, and each opens what another sealed', () => {
    const dataKey = key();
    const vaults = Array.from({ length: 20 }, () => vaultOf(dataKey));
    const sealed = vaults.flatMap((vault) => Array.from({ length: 100 }, () => vault.seal('a', 'same')));
    expect(new Set(sealed.map((one) => one.toString('hex'))).size).toBe(2_000);
    const reader = vaultOf(dataKey);
    for (const one of sealed) expect(reader.open('a', one).toString()).toBe('same');
  });

  it('opens nothing in another place, with another key, or that was changed or cut', () => {
    const vault = vaultOf(key());
    const sealed = vault.seal('call:1', 'secret');
    const sealedOtherwise = (open: () => unknown): void => {
      try {
        open();
      } catch (error) {
        expect(isNewerSchema(error)).toBe(true);
        expect(String(error)).not.toContain('secret');
        return;
      }
      expect.unreachable();
    };
    sealedOtherwise(() => vault.open('call:2', sealed));
    sealedOtherwise(() => vaultOf(key()).open('call:1', sealed));
    sealedOtherwise(() => OPEN_VAULT.open('call:1', sealed));
    for (let at = 1; at < sealed.length; at++) {
      const changed = Buffer.from(sealed);
      changed[at]! ^= 1;
      sealedOtherwise(() => vault.open('call:1', changed));
      sealedOtherwise(() => vault.open('call:1', sealed.subarray(0, at)));
    }
  });

  it('reads what was stored before there was a key, and knows that it should be sealed', () => {
    const vault = vaultOf(key());
    const plain = OPEN_VAULT.seal('call:1', 'plain');
    expect(plain.toString()).toBe('plain');
    expect(vault.open('call:1', plain).toString()).toBe('plain');
    expect([vault.isStale(plain), OPEN_VAULT.isStale(plain), vault.isStale(vault.seal('a', 'b'))]).toEqual([true, false, false]);
  });

  it('turns keys: the first seals, all open, and names stay those of the last', () => {
    const [old, fresh] = [key(), key()];
    const [before, during, after] = [vaultOf(old), vaultOf(fresh, old), vaultOf(fresh)];
    const sealed = before.seal('a', 'secret');
    expect(during.open('a', sealed).toString()).toBe('secret');
    expect(during.isStale(sealed)).toBe(true);
    expect(after.open('a', during.seal('a', 'again')).toString()).toBe('again');
    expect(during.nameOf(NUMBER)).toBe(before.nameOf(NUMBER));
    expect(after.nameOf(NUMBER)).not.toBe(before.nameOf(NUMBER));
  });

  it('names numbers so that only who has the key can tell which one is meant', () => {
    const [one, other] = [vaultOf(key()), vaultOf(key())];
    expect(one.nameOf(NUMBER)).toMatch(/^[\w-]{16}$/);
    expect(one.nameOf(NUMBER)).toBe(one.nameOf(NUMBER));
    expect(new Set([one, other, OPEN_VAULT].map((vault) => vault.nameOf(NUMBER))).size).toBe(3);
    expect(one.nameOf('+14155552672')).not.toBe(one.nameOf(NUMBER));
  });
});
