import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { systemChance, systemClock } from '@onhook/service';
import { freePort } from '../apps/onhook/setup/free-port.mjs';
import { openPrivateCa } from '../apps/simulator/src/tls/private-ca.js';
import { startRedis, type TestRedis } from './redis.js';
import { addRedisUser } from './redis-user.js';

/** A Redis that speaks TLS, and lets its user do what `deploy/redis-user.acl` says and no more. */
export async function startRedisWithTls(): Promise<TestRedis & { readonly caFile: string }> {
  const dir = mkdtempSync(path.join(tmpdir(), 'onhook-redis-tls-'));
  const ca = await openPrivateCa({ dir, clock: systemClock, chance: systemChance });
  const { cert, key } = ca.issue(['localhost']);
  writeFileSync(path.join(dir, 'redis.pem'), cert);
  writeFileSync(path.join(dir, 'redis-key.pem'), key, { mode: 0o600 });
  const port = await freePort();
  const server = await startRedis({
    args: Object.entries({
      '--tls-port': String(port),
      '--tls-auth-clients': 'no',
      '--tls-ca-cert-file': path.join(dir, 'ca.pem'),
      '--tls-cert-file': path.join(dir, 'redis.pem'),
      '--tls-key-file': path.join(dir, 'redis-key.pem'),
    }).flat(),
  });
  const login = await addRedisUser(server);
  return {
    ...server,
    url: `rediss://${login}@localhost:${port}`,
    caFile: path.join(dir, 'ca.pem'),
    async stop() {
      await server.stop();
      rmSync(dir, { recursive: true, force: true });
    },
  };
}
