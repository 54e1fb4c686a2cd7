import { readFileSync } from 'node:fs';
import { z } from 'zod';

export class ConfigError extends Error {
  readonly code = 'config-invalid';
  constructor(readonly problems: readonly string[]) {
    super(`Configuration is not valid:\n${problems.map((line) => `  ${line}`).join('\n')}`);
    this.name = 'ConfigError';
  }
}

/**
 * Reads the environment through a schema. `X_FILE` may name a file that holds the value of `X` (secrets in containers).
 * An empty variable counts as absent.
 *
 * @throws ConfigError that names every mistake at once, by variable; never a value, which may be a secret
 */
export function readConfig<S extends z.ZodObject>(schema: S, env: NodeJS.ProcessEnv): z.output<S> {
  const problems: string[] = [];
  const given: Record<string, string> = {};
  for (const key of Object.keys(schema.shape)) {
    const file = env[`${key}_FILE`];
    if (file) {
      try {
        given[key] = readFileSync(file, 'utf8').trimEnd();
      } catch (error) {
        problems.push(`${key}_FILE: cannot be read (${(error as NodeJS.ErrnoException).code ?? 'unknown error'})`);
      }
    } else if (env[key] !== undefined && env[key] !== '') {
      given[key] = env[key];
    }
  }
  const result = schema.safeParse(given);
  if (!result.success) {
    for (const { path, message } of result.error.issues) {
      const isPlainlyMissing = given[String(path[0])] === undefined && message.startsWith('Invalid input');
      problems.push(`${path.join('.') || 'environment'}: ${isPlainlyMissing ? 'is required' : message}`);
    }
  }
  if (problems.length > 0 || !result.success) throw new ConfigError(problems);
  return result.data;
}

/**
 * What is wrong with a file or a server that a variable names is a mistake of configuration: told in words, not as a stack.
 *
 * @throws ConfigError for an error that lists `problems`; any other error as it is
 */
export async function naming<T>(variable: string, work: () => T | Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (!(error instanceof Error && 'problems' in error && Array.isArray(error.problems))) throw error;
    throw new ConfigError(error.problems.map((problem) => `${variable}: ${String(problem)}`));
  }
}

/** Milliseconds, port numbers, counts: a whole number that arrives as text. */
export const wholeNumber = (min: number, max: number): z.ZodType<number, string> =>
  z
    .string()
    .regex(/^\d+$/, `must be a whole number from ${min} to ${max}`)
    .transform(Number)
    .refine((n) => n >= min && n <= max, `must be a whole number from ${min} to ${max}`);

export const flag = (): z.ZodType<boolean, string> =>
  z.enum(['true', 'false', '1', '0'], 'must be true or false').transform((v) => v === 'true' || v === '1');

/** One server, a cluster or sentinels: what exactly is told by the store, which reads it. */
export const redisUrl = z.string().regex(/^rediss?:\/\/\S+$/, 'must be a redis:// or rediss:// URL');

export const logLevel = z.enum(['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent']).default('info');
