import { readFileSync } from 'node:fs';
import path from 'node:path';
import { CommandFailed } from './errors.js';

/** Which api, and as whom. */
export interface Target {
  readonly url: string;
  readonly apiKey: string;
}

/**
 * `ONHOOK_URL` and `ONHOOK_API_KEY`; without them the Onhook that runs in this folder (`npm start`) is meant.
 *
 * @param dir where a clone's `.onhook` lies
 */
export function findTarget(env: NodeJS.ProcessEnv, dir: string): Target {
  const url = env['ONHOOK_URL'] ?? read(path.join(dir, '.onhook/launcher.json'), 'url');
  const apiKey = env['ONHOOK_API_KEY'] ?? firstKey(env['API_KEYS']) ?? read(path.join(dir, '.onhook/credentials.json'), 'apiKey');
  if (url === undefined)
    throw new CommandFailed('No Onhook runs in this folder. Start it with `npm start`, or set ONHOOK_URL and ONHOOK_API_KEY.');
  if (!/^https?:\/\/[^/]+/.test(url)) throw new CommandFailed('ONHOOK_URL must be an http or https URL.');
  if (apiKey === undefined) throw new CommandFailed('Set ONHOOK_API_KEY to a key of that Onhook.');
  return { url: url.replace(/\/+$/, ''), apiKey };
}

const firstKey = (keys: string | undefined): string | undefined => keys?.split(',')[0]?.trim() || undefined;

function read(file: string, field: string): string | undefined {
  try {
    const value = (JSON.parse(readFileSync(file, 'utf8')) as Record<string, unknown>)[field];
    return typeof value === 'string' ? value : undefined;
  } catch {
    return undefined; // nothing was started here
  }
}
