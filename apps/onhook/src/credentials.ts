import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import type { Chance } from '@onhook/service';
import { z } from 'zod';

const schema = z.object({
  apiKey: z.string(),
  streamTokenSecret: z.string(),
  accountSid: z.string(),
  authToken: z.string(),
});

/** Made on the first start and kept, so that a noted API key and calls under way outlive a restart. */
export type Credentials = z.output<typeof schema>;

export function keepCredentials(dir: string, chance: Chance): Credentials {
  const file = path.join(dir, 'credentials.json');
  if (existsSync(file)) {
    const kept = schema.safeParse(parseJson(readFileSync(file, 'utf8')));
    if (kept.success) return kept.data;
  }
  const hex = (bytes: number): string => Buffer.from(chance.bytes(bytes)).toString('hex');
  const made = { apiKey: `onhook_${hex(24)}`, streamTokenSecret: hex(32), accountSid: `AC${hex(16)}`, authToken: hex(16) };
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
