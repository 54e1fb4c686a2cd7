import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { ConfigError, readConfig } from './config.js';
import { dataKeySettings, requireDataKey } from './data-key.js';

const read = (env: NodeJS.ProcessEnv) => requireDataKey(readConfig(z.object(dataKeySettings), env));
const BYTES = Buffer.from(Array.from({ length: 32 }, (_, i) => i * 7 + 200));

describe('DATA_KEY', () => {
  it.each(['base64', 'base64url', 'hex'] as const)('is 32 bytes as %s', (form) => {
    expect(read({ DATA_KEY: BYTES.toString(form) }).DATA_KEY).toEqual([BYTES]);
  });

  it('may be several, the one that seals first', () => {
    const other = Buffer.alloc(32, 1);
    expect(read({ DATA_KEY: `${BYTES.toString('hex')}, ${other.toString('base64')}` }).DATA_KEY).toEqual([BYTES, other]);
  });

  it.each(['short', 'x'.repeat(43) + '!', BYTES.toString('hex').slice(2), BYTES.toString('base64') + ',', ','])(
    'that is none is refused, and not told: %s',
    (text) => {
      let told = '';
      try {
        read({ DATA_KEY: text });
      } catch (error) {
        told = String(error);
      }
      expect(told).toContain('DATA_KEY: each key must be 32 bytes');
      if (text.length > 1) expect(told).not.toContain(text);
    },
  );

  it('may be missing, but not in production', () => {
    expect(read({}).DATA_KEY).toBeUndefined();
    expect(() => read({ NODE_ENV: 'production' })).toThrow(ConfigError);
    expect(() => read({ NODE_ENV: 'production' })).toThrow('openssl rand');
    expect(read({ NODE_ENV: 'production', DATA_KEY: BYTES.toString('hex') }).DATA_KEY).toHaveLength(1);
  });
});
