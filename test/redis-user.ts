import { readFileSync } from 'node:fs';
import path from 'node:path';
import { askRedis } from '../apps/onhook/setup/resp.mjs';

const ACL_FILE = path.resolve(import.meta.dirname, '../deploy/redis-user.acl');
const PASSWORD = 'p@ss/word';

/** A user who may do what `deploy/redis-user.acl` says and no more; its login, as a URL has it. */
export async function addRedisUser({ port }: { readonly port: number }): Promise<string> {
  const [, name = '', ...rules] = readFileSync(ACL_FILE, 'utf8').trim().replace('>PASSWORD', `>${PASSWORD}`).split(' ');
  await askRedis({ host: '127.0.0.1', port }, [['ACL', 'SETUSER', name, ...rules]]);
  return `${name}:${encodeURIComponent(PASSWORD)}`;
}
