import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import type { Chance } from '@onhook/service';
import { z } from 'zod';

const schema = z.object({
  apiKey: z.string(),
  streamTokenSecret: z.string(),
  accountSid: z.string(),
  authToken: z.string(),
  /** Seals what Redis holds. Absent in a file of release 0.1.0; what that stored is still read. */
  dataKey: z.string().optional(),
});

/** Made on the first start and kept, so that a noted API key and calls under way outlive a restart. */
export type Credentials = Required<z.output<typeof schema>>;

export function keepCredentials(dir: string, chance: Chance): Credentials {
  const file = path.join(dir, 'credentials.json');
  const hex = (bytes: number): string => Buffer.from(chance.bytes(bytes)).toString('hex');
  const parsed = existsSync(file) ? schema.safeParse(parseJson(readFileSync(file, 'utf8'))) : undefined;
  const kept = parsed?.data;
  if (kept?.dataKey !== undefined) return { ...kept, dataKey: kept.dataKey };
  const made = {
    apiKey: `onhook_${hex(24)}`,
    streamTokenSecret: hex(32),
    accountSid: `AC${hex(16)}`,
    authToken: hex(16),
    ...kept,
    dataKey: hex(32),
  };
  mkdirSync(dir, { recursive: true });
  writeFileSync(file, JSON.stringify(made), { mode: 0o600 });
  return made;
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined; // cut off when it was written: new ones are made
  }
}
