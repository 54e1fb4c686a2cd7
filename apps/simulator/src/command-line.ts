import { parseArgs } from 'node:util';
import { z } from 'zod';

/** One setting: the same value by environment variable or by flag. */
interface Setting {
  variable: string;
  flag: string;
  says: string;
  byDefault: string;
}

export type CommandLine = { asks: 'help' } | { asks: 'run'; given: Record<string, string> } | { mistake: string };

/** `--agent-port 4011` for `AGENT_PORT`: every variable of the schema is a flag too. A flag goes before the environment. */
export function readCommandLine(schema: z.ZodObject, args: readonly string[]): CommandLine {
  const settings = settingsOf(schema);
  const options = Object.fromEntries(settings.map(({ flag }) => [flag, { type: 'string' as const }]));
  try {
    const values: Record<string, unknown> = parseArgs({
      args: [...args],
      options: { ...options, help: { type: 'boolean', short: 'h' } },
    }).values;
    if (values['help'] === true) return { asks: 'help' };
    const given: Record<string, string> = {};
    for (const { flag, variable } of settings) {
      const value = values[flag];
      if (typeof value === 'string') given[variable] = value;
    }
    return { asks: 'run', given };
  } catch (error) {
    if (!(error instanceof TypeError)) throw error;
    return { mistake: error.message };
  }
}

/** The environment with what the command line says on top. */
export function withCommandLine(env: NodeJS.ProcessEnv, given: Record<string, string>): NodeJS.ProcessEnv {
  const merged: NodeJS.ProcessEnv = { ...env, ...given };
  // `X_FILE` goes before `X` in the environment; it must not go before a flag.
  for (const variable of Object.keys(given)) delete merged[`${variable}_FILE`];
  return merged;
}

export function helpText(schema: z.ZodObject): string {
  const rows = settingsOf(schema).map(({ flag, variable, says, byDefault }) => {
    const left = `  --${flag} VALUE`.padEnd(34);
    return `${left}${[says, byDefault && `[${byDefault}]`, `(${variable})`].filter(Boolean).join(' ')}`;
  });
  return [
    'onhook-simulator: a telephone carrier that behaves like Twilio Voice with Media Streams, and a provider of voice',
    'agents that speaks OpenAI Realtime, on this machine, without accounts.',
    '',
    'Usage: onhook-simulator [options]        every option is an environment variable too',
    '',
    ...rows,
    '  -h, --help',
    '',
  ].join('\n');
}

function settingsOf(schema: z.ZodObject): Setting[] {
  return Object.entries(schema.shape as Record<string, z.ZodType>).map(([variable, type]) => ({
    variable,
    flag: variable.toLowerCase().replaceAll('_', '-'),
    says: type.description ?? '',
    byDefault: defaultOf(type),
  }));
}

function defaultOf(type: z.ZodType): string {
  return type instanceof z.ZodDefault ? String(type.def.defaultValue) : '';
}
