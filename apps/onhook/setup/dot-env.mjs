// `.env` at the top of the clone: settings of the launcher and, passed on, of the apps.
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { parseEnv } from 'node:util';
import { SetupError } from './setup-error.mjs';

/** The environment, with what stands in `.env` below it: what is typed at the prompt wins. */
export function withDotEnv(root, env) {
  try {
    return { ...parseEnv(readFileSync(path.join(root, '.env'), 'utf8')), ...env };
  } catch (error) {
    if (error.code === 'ENOENT') return env;
    throw new SetupError(`.env cannot be read (${error.code ?? error.message}).`);
  }
}
