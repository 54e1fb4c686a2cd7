import { createCipheriv, createDecipheriv, createHash, createHmac } from 'node:crypto';
import type { Chance } from '@onhook/service';
import { NewerSchema } from './errors.js';

/**
 * What holds numbers or words is sealed before it goes to Redis, and numbers are looked up by a name that nobody can compute without
 * the key. AES-256-GCM, bound to its context (a call, a transcript): `0xf5`, id of the data key, salt of the sealing process, its
 * counter, tag, ciphertext.
 */
export interface Vault {
  /** False: there is no key, and what is given is what is stored. */
  readonly seals: boolean;
  /** @param context what this is and whose: it opens in no other place */
  seal(context: string, plain: string | Buffer): Buffer;
  /**
   * What was never sealed is returned as it is: a deployment may get its key late.
   *
   * @throws SealedOtherwise
   */
  open(context: string, stored: Buffer): Buffer;
  /** Whether `seal` would seal it with another key than it is sealed with, or for the first time. */
  isStale(stored: Buffer): boolean;
  /** Stands for a telephone number, or another short secret, where it is looked up: 96 bits, no two of a million are ever the same. */
  nameOf(text: string): string;
}

/** Stands in place of the schema of a record that does not open. */
export const SEALED_OTHERWISE = 'sealed-otherwise';

/** Sealed with a key that this process was not given, or changed since. Like a record of a newer release it is left alone. */
export class SealedOtherwise extends NewerSchema {
  constructor() {
    super(SEALED_OTHERWISE);
    this.name = 'SealedOtherwise';
    this.message = 'the record is sealed with another DATA_KEY, or was changed';
  }
}

/** No text in UTF-8, no JSON and none of our packed forms begins with it. */
const SEALED = 0xf5;
const [ID_BYTES, SALT_BYTES, COUNTER_BYTES, TAG_BYTES] = [4, 12, 6, 16];
const SALT_AT = 1 + ID_BYTES;
const COUNTER_AT = SALT_AT + SALT_BYTES;
const TAG_AT = COUNTER_AT + COUNTER_BYTES;
const HEAD_BYTES = TAG_AT + TAG_BYTES;
const NONCE_BYTES = 12;
/** Keys of processes whose sealed values were met; a deployment starts few. */
const MOST_KNOWN = 1_000;

interface DataKey {
  readonly id: Buffer;
  readonly root: Buffer;
}

/**
 * @param dataKeys 32 bytes each. The first one seals, all of them open. The last one names numbers: while it stays, nothing that is
 * looked up changes its name. None: nothing is sealed, and names are hashes that can be guessed.
 */
export function createVault({ dataKeys, chance }: { dataKeys: readonly Uint8Array[]; chance: Pick<Chance, 'bytes'> }): Vault {
  const keys = dataKeys.map((secret): DataKey => ({
    id: derived(secret, 'onhook id').subarray(0, ID_BYTES),
    root: derived(secret, 'onhook seal'),
  }));
  const oldest = dataKeys.at(-1);
  const naming = oldest && derived(oldest, 'onhook names');
  const own = keys[0] && ownKeyOf(keys[0], chance);
  const known = new Map<string, Buffer>();
  const idOf = (stored: Buffer): Buffer | null => (stored[0] === SEALED ? stored.subarray(1, SALT_AT) : null);

  function keyOf(stored: Buffer): Buffer {
    const name = stored.toString('latin1', 1, COUNTER_AT);
    const found = known.get(name);
    if (found) return found;
    const dataKey = keys.find(({ id }) => id.equals(stored.subarray(1, SALT_AT)));
    if (!dataKey) throw new SealedOtherwise();
    const key = derived(dataKey.root, stored.subarray(SALT_AT, COUNTER_AT));
    if (known.size >= MOST_KNOWN) known.clear();
    known.set(name, key);
    return key;
  }

  return {
    seals: own !== undefined,

    seal(context, plain) {
      if (!own) return typeof plain === 'string' ? Buffer.from(plain, 'utf8') : plain;
      const counter = own.nextCounter();
      const cipher = createCipheriv('aes-256-gcm', own.key, nonceOf(counter));
      cipher.setAAD(Buffer.from(context));
      const body = cipher.update(plain as string, 'utf8');
      cipher.final(); // adds nothing: the mode is a stream's
      return Buffer.concat([own.head, counter, cipher.getAuthTag(), body]);
    },

    open(context, stored) {
      if (!idOf(stored)) return stored;
      if (stored.length < HEAD_BYTES) throw new SealedOtherwise();
      const decipher = createDecipheriv('aes-256-gcm', keyOf(stored), nonceOf(stored.subarray(COUNTER_AT, TAG_AT)));
      decipher.setAAD(Buffer.from(context));
      decipher.setAuthTag(stored.subarray(TAG_AT, HEAD_BYTES));
      const body = decipher.update(stored.subarray(HEAD_BYTES));
      try {
        decipher.final();
      } catch {
        throw new SealedOtherwise();
      }
      return body;
    },

    isStale(stored) {
      return keys[0] !== undefined && !idOf(stored)?.equals(keys[0].id);
    },

    nameOf(text) {
      const hash = naming ? createHmac('sha256', naming) : createHash('sha256');
      return hash.update(text).digest('base64url').slice(0, 16);
    },
  };
}

/** Each vault seals with a key of its own, so that it can count its nonces: no two are ever the same, without asking chance for each. */
function ownKeyOf({ id, root }: DataKey, chance: Pick<Chance, 'bytes'>) {
  const salt = chance.bytes(SALT_BYTES);
  let sealed = 0;
  return {
    key: derived(root, salt),
    head: Buffer.concat([Buffer.from([SEALED]), id, salt]),
    nextCounter(): Buffer {
      const counter = Buffer.alloc(COUNTER_BYTES);
      counter.writeUIntBE(++sealed, 0, COUNTER_BYTES);
      return counter;
    },
  };
}

function nonceOf(counter: Buffer): Buffer {
  const nonce = Buffer.alloc(NONCE_BYTES);
  counter.copy(nonce, NONCE_BYTES - COUNTER_BYTES);
  return nonce;
}

/** Without a key: what is given is what is stored, as release 0.1.0 did. */
export const OPEN_VAULT: Vault = createVault({
  dataKeys: [],
  chance: {
    bytes: () => {
      throw new Error('an open vault seals nothing');
    },
  },
});

/** HKDF's second half: the keys are uniform already, so that one HMAC with what it is for is enough. */
function derived(secret: Uint8Array, purpose: string | Uint8Array): Buffer {
  return createHmac('sha256', secret).update(purpose).digest();
}
