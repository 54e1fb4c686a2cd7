import { askRedis } from '../apps/onhook/setup/resp.mjs';
import { startRedis, type TestRedis } from './redis.js';

/** Several Redis servers that are one; each can be killed, paused and brought back by itself. */
export interface TestTopology {
  readonly url: string;
  readonly nodes: readonly TestRedis[];
  stop(): Promise<void>;
}

const SLOTS = 16_384;
const HOST = '127.0.0.1';

/** Three primaries, one replica each: the smallest Redis Cluster that survives the loss of any one of its nodes. */
export async function startRedisCluster(
  options: { appendfsync?: string } = {},
): Promise<TestTopology & { primaries(): Promise<TestRedis[]> }> {
  const nodes = await startAll(6, () => startRedis({ ...options, cluster: 'member' }));
  try {
    await makeCluster(nodes);
  } catch (error) {
    await stopAll(nodes);
    throw error;
  }
  return {
    url: `redis://${nodes.map((node) => `${HOST}:${node.port}`).join(',')}`,
    nodes,
    async primaries() {
      const roles = await Promise.all(nodes.map((node) => ask(node, ['ROLE']).catch(() => [])));
      return nodes.filter((_, i) => (roles[i] as string[])[0] === 'master');
    },
    stop: () => stopAll(nodes),
  };
}

/** A primary, its replica, and three sentinels that watch them. */
export async function startRedisSentinels(): Promise<
  TestTopology & { readonly primary: TestRedis; readonly replica: TestRedis }
> {
  const nodes: TestRedis[] = [];
  try {
    const primary = await startRedis();
    nodes.push(primary);
    const replica = await startRedis({ args: ['--replicaof', HOST, String(primary.port)] });
    nodes.push(replica);
    await until('the replica follows', async () =>
      String(await ask(replica, ['INFO', 'replication'])).includes('master_link_status:up'),
    );
    const sentinels = await startAll(3, () => startRedis({ sentinelOf: `${HOST} ${primary.port}` }));
    nodes.push(...sentinels);
    for (const sentinel of sentinels)
      await until('the sentinels know one another', async () => {
        const [, about = ''] = /(master0:.*)/.exec(String(await ask(sentinel, ['INFO', 'sentinel']))) ?? [];
        return about.includes('status=ok,') && about.includes('slaves=1') && about.includes('sentinels=3');
      });
    return {
      url: `redis://${sentinels.map(({ port }) => `${HOST}:${port}`).join(',')}?sentinel=onhook`,
      nodes,
      primary,
      replica,
      stop: () => stopAll(nodes),
    };
  } catch (error) {
    await stopAll(nodes);
    throw error;
  }
}

async function makeCluster(nodes: readonly TestRedis[]): Promise<void> {
  const [first] = nodes;
  const primaries = nodes.slice(0, 3);
  for (const [i, node] of primaries.entries()) {
    const from = Math.floor((i * SLOTS) / 3);
    const upTo = Math.floor(((i + 1) * SLOTS) / 3) - 1;
    // Redis 6.2 wants every slot by its number.
    const every = Array.from({ length: upTo - from + 1 }, (_, n) => String(from + n));
    await ask(node, ['CLUSTER', 'ADDSLOTS', ...every]);
  }
  for (const node of nodes.slice(1)) await ask(node, ['CLUSTER', 'MEET', HOST, String(first!.port)]);
  for (const node of nodes)
    await until(
      'every node knows every other',
      async () => knownNodes(String(await ask(node, ['CLUSTER', 'INFO']))) === nodes.length,
    );
  for (const [i, primary] of primaries.entries()) {
    const id = String(await ask(primary, ['CLUSTER', 'MYID']));
    const replica = nodes[i + 3]!;
    // Who a node is reaches the others by gossip, after its address.
    await until(
      'the replica knows its primary',
      async () => (await ask(replica, ['CLUSTER', 'REPLICATE', id]).catch(() => null)) === 'OK',
    );
  }
  for (const node of nodes)
    await until('the cluster is whole', async () => String(await ask(node, ['CLUSTER', 'INFO'])).includes('cluster_state:ok'));
  for (const replica of nodes.slice(3))
    await until('the replica follows', async () =>
      String(await ask(replica, ['INFO', 'replication'])).includes('master_link_status:up'),
    );
}

function knownNodes(info: string): number {
  return Number(/cluster_known_nodes:(\d+)/.exec(info)?.[1]);
}

function ask(node: TestRedis, command: string[]): Promise<unknown> {
  return askRedis({ host: HOST, port: node.port }, [command]);
}

async function startAll(count: number, start: () => Promise<TestRedis>): Promise<TestRedis[]> {
  const started = await Promise.allSettled(Array.from({ length: count }, start));
  const nodes = started.flatMap((one) => (one.status === 'fulfilled' ? [one.value] : []));
  const failed = started.find((one) => one.status === 'rejected');
  if (!failed) return nodes;
  await stopAll(nodes);
  throw failed.reason;
}

async function stopAll(nodes: readonly TestRedis[]): Promise<void> {
  await Promise.all(
    nodes.map((node) => {
      node.resume();
      return node.stop();
    }),
  );
}

async function until(what: string, isSo: () => Promise<boolean>): Promise<void> {
  for (const giveUpAt = Date.now() + 20_000; ;) {
    if (await isSo()) return;
    if (Date.now() > giveUpAt) throw new Error(`in 20 s it did not happen that ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}
