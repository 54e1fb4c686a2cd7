import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { systemChance, systemClock } from '@onhook/service';
import { freePort } from '../apps/onhook/setup/free-port.mjs';
import { askRedis } from '../apps/onhook/setup/resp.mjs';
import { openPrivateCa } from '../apps/simulator/src/tls/private-ca.js';
import { startRedis, type TestRedis } from './redis.js';

const ACL_FILE = path.resolve(import.meta.dirname, '../deploy/redis-user.acl');

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
  const password = 'p@ss/word';
  const [, name = '', ...rules] = readFileSync(ACL_FILE, 'utf8').trim().replace('>PASSWORD', `>${password}`).split(' ');
  await askRedis({ host: '127.0.0.1', port: server.port }, [['ACL', 'SETUSER', name, ...rules]]);
  return {
    ...server,
    url: `rediss://onhook:${encodeURIComponent(password)}@localhost:${port}`,
    caFile: path.join(dir, 'ca.pem'),
    async stop() {
      await server.stop();
      rmSync(dir, { recursive: true, force: true });
    },
  };
}
