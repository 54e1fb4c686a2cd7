// The whole ladder: a Redis that was named, one on this machine, one that can be brought here, or one line that says what to type.
import { freePort } from './free-port.mjs';
import { installRedis, redisFromCompose } from './install-redis.mjs';
import { findRedisBinary, isNewEnough } from './redis-binary.mjs';
import { askRedis, serverOf } from './resp.mjs';
import { SetupError } from './setup-error.mjs';

const WHAT_TO_TYPE =
  'No Redis was found and none could be installed. Type `apt-get install redis-tools` (Debian, Ubuntu), `brew install redis` (macOS), or set REDIS_URL.';

/**
 * @returns {Promise<{ url: string, stop?(): Promise<void> } | { binary: import('./redis-binary.mjs').RedisBinary }>} `url`: somebody else's, or compose's, which is ours to stop; `binary`: start one
 * @throws {SetupError}
 */
export async function findRedis({ root, say, signals, env = process.env, mayCompose = true, once = false }) {
  if (env.REDIS_URL) return { url: await checked(env.REDIS_URL) };
  const binary = findRedisBinary({ root, env }) ?? (await installRedis({ root, say, signals, env }));
  if (binary) return { binary };
  const composed = mayCompose && (await redisFromCompose({ root, say, signals, env, once, port: await freePort() }));
  if (composed) return composed;
  throw new SetupError(WHAT_TO_TYPE);
}

/** A Redis that drops keys when it is full would drop calls: it is refused, and so is one that is too old. */
async function checked(url) {
  let info;
  try {
    info = String(await askRedis(serverOf(url), [['INFO']], 5000));
  } catch (error) {
    throw new SetupError(`The Redis of REDIS_URL does not serve: ${error.message}`);
  }
  const version = /redis_version:(\S+)/.exec(info)?.[1] ?? '0';
  if (!isNewEnough(version)) throw new SetupError(`The Redis of REDIS_URL is version ${version}; Onhook needs 6.2 or newer.`);
  const policy = /maxmemory_policy:(\S+)/.exec(info)?.[1];
  if (policy !== 'noeviction') {
    throw new SetupError(
      `The Redis of REDIS_URL has maxmemory-policy ${policy ?? 'unknown'}: when memory is short it would drop calls. Set it to noeviction.`,
    );
  }
  return url;
}
