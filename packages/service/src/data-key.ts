import { z } from 'zod';
import { ConfigError } from './config.js';

const KEY_BYTES = 32;

/** 32 random bytes each, in base64 or hexadecimal; several with commas between, the one that seals first. */
const dataKeys = z.string().transform((text, context): readonly Uint8Array[] => {
  const keys = text.split(',').map((key) => decode(key.trim()));
  if (keys.every((key) => key !== null)) return keys;
  context.addIssue({ code: 'custom', message: 'each key must be 32 bytes in base64 or hexadecimal' });
  return z.NEVER;
});

/** For every process that reads records: spread into its schema; `requireDataKey` judges it. */
export const dataKeySettings = {
  NODE_ENV: z.string().optional(),
  /** Numbers, variables and words are sealed by it before they go to Redis. */
  DATA_KEY: dataKeys.optional(),
};

/** @throws ConfigError in production without a key: then a dump of Redis would be everybody's telephone book */
export function requireDataKey<C extends { NODE_ENV?: string | undefined; DATA_KEY?: readonly Uint8Array[] | undefined }>(
  config: C,
): C {
  if (config.NODE_ENV === 'production' && !config.DATA_KEY) {
    throw new ConfigError(['DATA_KEY: is required with NODE_ENV=production: 32 random bytes, as from `openssl rand -base64 32`']);
  }
  return config;
}

function decode(text: string): Uint8Array | null {
  if (/^[0-9a-f]{64}$/i.test(text)) return Buffer.from(text, 'hex');
  const isBase64 = /^[\w+/-]{43}=?$/.test(text);
  const bytes = Buffer.from(text, 'base64');
  return isBase64 && bytes.length === KEY_BYTES ? bytes : null;
}
