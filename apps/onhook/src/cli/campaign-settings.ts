import { readFileSync } from 'node:fs';
import type { operations } from '@onhook/client';
import { Option, type Command } from 'commander';
import { CommandFailed, UsageError } from './errors.js';

type NewCampaign = operations['createCampaign']['requestBody']['content']['application/json'];
type Settings = Omit<NewCampaign, 'name' | 'start' | 'contacts'>;
type Window = NonNullable<NonNullable<Settings['schedule']>['windows']>[number];

/** How a campaign is to be, as it is typed. */
export interface SettingsOptions {
  readonly agent?: string;
  readonly from?: string;
  readonly startAt?: string;
  readonly endAt?: string;
  readonly window?: readonly Window[];
  readonly timeZone?: string;
  readonly cps?: number;
  readonly concurrency?: number;
  readonly budgetMinutes?: number;
  readonly test?: boolean;
  readonly settings?: string;
}

const DAYS = ['mon', 'tue', 'wed', 'thu', 'fri', 'sat', 'sun'] as const;

const SETTINGS = [
  new Option('--agent <id>', 'the agent; may be left out if there is one'),
  new Option('--from <numbers>', 'call from these, in rotation; several with commas'),
  new Option('--window <when>', '"09:00-17:00" or "mon-fri 09:00-17:00", by the callee’s own clock; may be repeated').argParser(
    readWindow,
  ),
  new Option('--time-zone <zone>', 'of contacts whose own nobody knows: America/New_York'),
  new Option('--start-at <time>', 'nobody is called before: ISO 8601'),
  new Option('--end-at <time>', 'whoever was not called by then is skipped'),
  new Option('--cps <n>', 'calls per second').argParser(readNumber),
  new Option('--concurrency <n>', 'calls in flight at a time').argParser(readNumber),
  new Option('--budget-minutes <n>', 'it stops when so many minutes were talked').argParser(readNumber),
  new Option('--test', 'calls the first contact only, and pauses'),
  new Option('--settings <file.json>', 'everything else, as in POST /v1/campaigns; what is typed beside it wins'),
];

/** Their names as commander has them, for whoever must not be given any. */
export const SETTING_NAMES = SETTINGS.map((option) => option.attributeName());

export function addSettingsTo(command: Command): Command {
  for (const option of SETTINGS) command.addOption(option);
  return command;
}

export function settingsOf(options: SettingsOptions): Settings {
  const settings = options.settings === undefined ? {} : readSettings(options.settings);
  const schedule = {
    ...settings.schedule,
    ...(options.startAt !== undefined && { startAt: options.startAt }),
    ...(options.endAt !== undefined && { endAt: options.endAt }),
    ...(options.window && { windows: [...options.window] }),
    ...(options.timeZone !== undefined && { fallbackTimeZone: options.timeZone }),
  };
  return {
    ...settings,
    ...(options.agent !== undefined && { agentId: options.agent }),
    ...(options.from !== undefined && { from: options.from.split(',').map((number) => number.trim()) }),
    ...(Object.keys(schedule).length > 0 && { schedule }),
    ...(options.cps !== undefined && { callsPerSecond: options.cps }),
    ...(options.concurrency !== undefined && { maxConcurrency: options.concurrency }),
    ...(options.budgetMinutes !== undefined && { budget: { ...settings.budget, minutes: options.budgetMinutes } }),
    ...(options.test && { testMode: true }),
  };
}

function readWindow(text: string, before: readonly Window[] = []): Window[] {
  const [, first, last = first, start, end] =
    /^(?:([a-z]{3})(?:-([a-z]{3}))? +)?(\d\d:\d\d)-(\d\d:\d\d)$/.exec(text.trim().toLowerCase()) ?? [];
  const from = first === undefined ? 0 : DAYS.findIndex((day) => day === first);
  const to = last === undefined ? DAYS.length - 1 : DAYS.findIndex((day) => day === last);
  if (start === undefined || end === undefined || from < 0 || to < from)
    throw new UsageError(`"${text}" is no window like "09:00-17:00" or "mon-fri 09:00-17:00".`);
  return [...before, { days: DAYS.slice(from, to + 1), start, end }];
}

function readNumber(text: string): number {
  const number = text.trim() === '' ? Number.NaN : Number(text);
  if (!Number.isFinite(number)) throw new UsageError(`"${text}" is no number.`);
  return number;
}

function readSettings(file: string): Settings {
  let text: string;
  try {
    text = readFileSync(file, 'utf8');
  } catch (error) {
    throw new CommandFailed(`${file} cannot be read (${(error as NodeJS.ErrnoException).code ?? 'unknown error'}).`);
  }
  try {
    const settings = JSON.parse(text) as unknown;
    if (typeof settings === 'object' && settings !== null && !Array.isArray(settings)) return settings;
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
  }
  throw new CommandFailed(`${file} does not hold a JSON object.`);
}
