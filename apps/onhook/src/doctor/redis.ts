import { fail, ok, reasonOf, warn, type Finding } from './check.js';

/** What a look at Redis needs; `main.ts` gives the real one. */
export interface RedisLook {
  /** @throws when Redis does not answer, or cannot be used: its `problems` then say why */
  facts(): Promise<{ version: string; warnings: readonly string[] }>;
  /** Milliseconds since the epoch by Redis's clock. */
  time(): Promise<number>;
  /** Bytes; `limit` 0: none is set. */
  memory(): Promise<{ used: number; limit: number }>;
  close(): void;
}

const MB = 1_048_576;
/** A million waiting contacts of a campaign take about 200 MB, a hundred thousand finished calls 300 MB. */
const LEAST_LIMIT_MB = 256;
const CLOCKS_MAY_DIFFER_MS = 2_000;

export async function checkRedisServer(open: () => Promise<RedisLook>, now: () => number): Promise<Finding[]> {
  let look: RedisLook;
  try {
    look = await open();
  } catch (error) {
    return [fail('Redis', `cannot be reached (${reasonOf(error)})`, 'Start Redis, or correct REDIS_URL.')];
  }
  try {
    const { version, warnings } = await look.facts();
    const findings = [ok('Redis', `version ${version}, nothing is evicted`)];
    for (const warning of warnings)
      findings.push(warn('Redis durability', warning, 'See docs/redis.md; what you accept is said aloud with DURABILITY.'));
    if (warnings.length === 0) findings.push(ok('Redis durability', 'every write is on disk before it is answered'));
    const { used, limit } = await look.memory();
    const usedMb = Math.round(used / MB);
    findings.push(
      limit > 0 && limit < LEAST_LIMIT_MB * MB
        ? warn(
            'Redis memory',
            `maxmemory is ${Math.round(limit / MB)} MB, ${usedMb} MB are used`,
            `Allow at least ${LEAST_LIMIT_MB} MB.`,
          )
        : ok('Redis memory', `${usedMb} MB used, ${limit === 0 ? 'no limit' : `limit ${Math.round(limit / MB)} MB`}`),
    );
    const apartMs = Math.round(Math.abs((await look.time()) - now()));
    findings.push(
      apartMs > CLOCKS_MAY_DIFFER_MS
        ? warn(
            'Clock',
            `this machine and Redis differ by ${(apartMs / 1_000).toFixed(1)} s`,
            'Let NTP set the clocks of both machines.',
          )
        : ok('Clock', 'agrees with that of Redis'),
    );
    return findings;
  } catch (error) {
    const problems = (error as { problems?: readonly string[] }).problems ?? [reasonOf(error)];
    return problems.map((problem) => fail('Redis', problem, 'See docs/redis.md.'));
  } finally {
    look.close();
  }
}
