export interface RedisAddress {
  readonly nodes: readonly { readonly host: string; readonly port: number }[];
  readonly isCluster: boolean;
  /** The nodes are sentinels, and this is the name under which they know the server. */
  readonly sentinelName: string | undefined;
  readonly isTls: boolean;
  readonly username: string | undefined;
  readonly password: string | undefined;
  readonly db: number;
}

const FORM = /^(rediss?):\/\/(?:([^@/]*)@)?([^/?#]+)(?:\/(\d*))?(?:\?([^#]*))?$/;

/**
 * `redis[s]://[user:password@]host[:port][,host[:port]…][/db][?cluster=1|?sentinel=name]`. Several hosts, or `cluster=1`, mean
 * Redis Cluster; with `sentinel` they are sentinels, and the login is the server's.
 *
 * @throws Error that does not repeat the address, which may hold a password
 */
export function parseRedisUrl(url: string): RedisAddress {
  const [, scheme, login, hosts, db, query] = FORM.exec(url) ?? [];
  if (!scheme || !hosts)
    throw new Error('the Redis URL must be redis[s]://[user:password@]host[:port][,host…][/db][?cluster=1|?sentinel=name]');
  const nodes = hosts.split(',').map(parseHost);
  const asked = new URLSearchParams(query);
  const cluster = asked.get('cluster');
  const sentinelName = asked.get('sentinel') || undefined;
  const isCluster = !sentinelName && (nodes.length > 1 || cluster === '1' || cluster === 'true');
  if (isCluster && Number(db || 0) !== 0) throw new Error('Redis Cluster has database 0 only');
  const colon = login?.indexOf(':') ?? -1;
  const username = login && decodeURIComponent(colon < 0 ? login : login.slice(0, colon));
  const password = login && colon >= 0 ? decodeURIComponent(login.slice(colon + 1)) : undefined;
  return {
    nodes,
    isCluster,
    sentinelName,
    isTls: scheme === 'rediss',
    username: username || undefined,
    password: password || undefined,
    db: Number(db || 0),
  };
}

function parseHost(text: string): { host: string; port: number } {
  const [, ipv6, name, port] = /^(?:\[([0-9a-fA-F:.]+)\]|([^:\]]+))(?::(\d{1,5}))?$/.exec(text) ?? [];
  const host = ipv6 ?? name;
  if (!host) throw new Error('the Redis URL names a host that cannot be read');
  return { host, port: port ? Number(port) : 6379 };
}
