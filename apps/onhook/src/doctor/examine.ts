import { checkAgentFiles, checkAgentKey } from './agent.js';
import { checkCarrier } from './carrier.js';
import { fail, ok, warn, type Finding } from './check.js';
import { checkDisk, checkNode } from './machine.js';
import { checkMediaUrl, checkPublicUrl } from './reach.js';
import { checkRedisServer, type RedisLook } from './redis.js';

export interface ExamineDeps {
  readonly env: NodeJS.ProcessEnv;
  readonly nodeVersion: string;
  now(): number;
  openRedis(url: string): Promise<RedisLook>;
  loadAgents(dir: string): Promise<{ size: number }>;
  /** Whether a port of this machine can be listened at. */
  isFree(port: number): Promise<boolean>;
}

const LONG_ENOUGH = 16;

/** Everything that a call needs, looked at side by side; in the order in which one would mend it. */
export async function examine(deps: ExamineDeps): Promise<Finding[]> {
  const { env } = deps;
  const isReal = env['CARRIER'] === 'twilio';
  const findings = await Promise.all([
    one(checkNode(deps.nodeVersion)),
    env['REDIS_URL']
      ? checkRedisServer(
          () => deps.openRedis(env['REDIS_URL']!),
          () => deps.now(),
        )
      : one(warn('Redis', 'REDIS_URL is not set', '`npm start` brings a Redis of its own; for production set REDIS_URL.')),
    one(checkDisk(env['RECORDINGS_DIR'] ?? '.onhook/recordings')),
    ports(deps),
    one(checkAgentFiles(() => deps.loadAgents(env['AGENTS_DIR'] ?? 'agents'))),
    isReal ? real(env) : one(ok('Carrier', 'the simulator: nothing here costs money (CARRIER=twilio for real calls)')),
    one(...secrets(env, isReal)),
  ]);
  return findings.flat();
}

const one = (...findings: (Finding | Promise<Finding>)[]): Promise<Finding[]> =>
  Promise.all(findings.map((finding) => Promise.resolve(finding)));

async function real(env: NodeJS.ProcessEnv): Promise<Finding[]> {
  const { TWILIO_ACCOUNT_SID: accountSid, TWILIO_AUTH_TOKEN: authToken, TWILIO_API_BASE_URL: apiBaseUrl } = env;
  const countries = (env['ALLOWED_COUNTRIES'] ?? '').split(',').map((code) => code.trim());
  const all = await Promise.all([
    accountSid && authToken
      ? checkCarrier({
          accountSid,
          authToken,
          fromNumbers: (env['FROM_NUMBERS'] ?? '').split(',').flatMap((number) => number.trim() || []),
          countries: countries.filter((code) => /^[A-Z]{2}$/.test(code)),
          ...(apiBaseUrl && { apiBaseUrl }),
        })
      : one(missing('Carrier', 'TWILIO_ACCOUNT_SID and TWILIO_AUTH_TOKEN')),
    env['FROM_NUMBERS'] ? one() : one(missing('Number', 'FROM_NUMBERS')),
    one(env['PUBLIC_URL'] ? checkPublicUrl(env['PUBLIC_URL'], true) : missing('Public URL', 'PUBLIC_URL')),
    one(env['MEDIA_PUBLIC_URL'] ? checkMediaUrl(env['MEDIA_PUBLIC_URL'], true) : missing('Media URL', 'MEDIA_PUBLIC_URL')),
    one(
      env['OPENAI_API_KEY']
        ? checkAgentKey(env['OPENAI_API_KEY'], env['OPENAI_REALTIME_URL'] ?? 'wss://api.openai.com/v1/realtime')
        : missing('Voice agent', 'OPENAI_API_KEY'),
    ),
  ]);
  return all.flat();
}

const missing = (name: string, what: string): Finding =>
  fail(name, `${what} is not set`, `Put ${what} into the environment or into .env.`);

/** What is fixed must be free, or be our own: then the api answers there. */
async function ports({ env, isFree }: ExamineDeps): Promise<Finding[]> {
  const wanted = ['API_PORT', 'GATEWAY_PORT'].flatMap((name) => (env[name] ? [[name, Number(env[name])] as const] : []));
  return Promise.all(
    wanted.map(async ([name, port]) => {
      if (await isFree(port)) return ok('Ports', `${name} ${port} is free`);
      return (await answersHealth(port))
        ? ok('Ports', `${name} ${port} is served by Onhook`)
        : fail('Ports', `${name} ${port} is taken by another program`, `Choose another ${name}, or end that program.`);
    }),
  );
}

async function answersHealth(port: number): Promise<boolean> {
  try {
    const response = await fetch(`http://127.0.0.1:${port}/healthz`, { signal: AbortSignal.timeout(2_000) });
    return response.ok && 'status' in ((await response.json()) as object);
  } catch {
    return false; // somebody else's, or nobody's
  }
}

/** Names only: what they hold is nobody's business. */
function secrets(env: NodeJS.ProcessEnv, isReal: boolean): Finding[] {
  if (!isReal) return [];
  const short = ['API_KEYS', 'STREAM_TOKEN_SECRET', 'DATA_KEY'].filter((name) => (env[name] ?? '').length < LONG_ENOUGH);
  return short.length === 0
    ? [ok('Secrets', 'all are set')]
    : short.map((name) =>
        fail('Secrets', `${name} is not set, or shorter than ${LONG_ENOUGH} characters`, `Make one: openssl rand -hex 32`),
      );
}
