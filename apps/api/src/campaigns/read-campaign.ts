import { DEFAULT_HOURS, isTimeZone, type CallingHours } from '@onhook/campaign';
import { missingVariables, type Agent, type CampaignSettings, type E164 } from '@onhook/contracts';
import type { Campaign } from '@onhook/store';
import type { Checked } from '../body.js';
import { chooseAgent, policyOf } from '../new-call.js';
import type { FieldError } from '../problems.js';

export interface CampaignReading {
  readonly agents: ReadonlyMap<string, Agent>;
  readonly fromNumbers: readonly E164[];
  readonly nowMs: number;
}

/** What settings decide; the rest of a campaign is its life. */
type Settled = Omit<Campaign, 'id' | 'account' | 'createdAt' | 'state' | 'pausedBy' | 'runningSince'>;

const MICROS = 1_000_000;
const NO_LIMITS = { maxConcurrent: null, callsPerSecond: null, rampUpSec: 0, weight: 1, minutes: null, micros: null } as const;

/** What is not given is as before; of a new campaign as the agent's file and the account have it. */
export function readCampaign(given: CampaignSettings, before: Campaign | null, reading: CampaignReading): Checked<Settled> {
  const chosen =
    given.agentId === undefined && before && reading.agents.has(before.agentId)
      ? { agent: reading.agents.get(before.agentId)!, errors: [] }
      : chooseAgent(given.agentId, reading.agents);
  const { agent } = chosen;
  const errors = [...chosen.errors, ...fromErrors(given, reading), ...scheduleErrors(given, before, reading.nowMs)];
  if (errors.length > 0 || !agent) return { ok: false, errors };
  const { schedule = {}, budget = {} } = given;
  const base = before ?? NO_LIMITS;
  return {
    ok: true,
    value: {
      name: given.name ?? before?.name ?? '',
      agentId: agent.id,
      fromNumbers: (given.from ?? before?.fromNumbers ?? []) as E164[],
      hours: hoursOf(schedule, before?.hours ?? DEFAULT_HOURS),
      fallbackTimeZone: pick(schedule.fallbackTimeZone, before?.fallbackTimeZone ?? null),
      startAt: momentOf(schedule.startAt, before?.startAt ?? null),
      endAt: momentOf(schedule.endAt, before?.endAt ?? null),
      maxConcurrent: pick(given.maxConcurrency, base.maxConcurrent),
      callsPerSecond: pick(given.callsPerSecond, base.callsPerSecond),
      rampUpSec: given.rampUpSeconds ?? base.rampUpSec,
      weight: given.weight ?? base.weight,
      minutes: pick(budget.minutes, base.minutes),
      micros: budget.money === undefined ? base.micros : budget.money === null ? null : Math.round(budget.money * MICROS),
      autoPause: pick(given.autoPause, before?.autoPause ?? null),
      testMode: given.testMode ?? before?.testMode ?? false,
      policy: policyFor(given, before, agent),
      requiredVariables: missingVariables(agent, {}),
      metadata: given.metadata ?? before?.metadata ?? {},
    },
  };
}

/** Another agent has other usual limits; what is given stands above both. */
function policyFor(
  { limits = {}, retry, voicemail }: CampaignSettings,
  before: Campaign | null,
  agent: Agent,
): Campaign['policy'] {
  const fresh = policyOf({ limits, schedule: {}, retry, voicemail }, agent);
  if (!before || before.agentId !== agent.id) return fresh;
  const { voicemail: action, unknownAnswer, detectsMachines, ...kept } = before.policy;
  return {
    ...kept,
    ...(limits.ringTimeoutSeconds !== undefined && { ringTimeoutSec: fresh.ringTimeoutSec }),
    ...(limits.maxDurationSeconds !== undefined && { maxDurationSec: fresh.maxDurationSec }),
    ...(retry && { redial: fresh.redial }),
    ...(voicemail
      ? {
          voicemail: fresh.voicemail,
          ...(fresh.unknownAnswer && { unknownAnswer: fresh.unknownAnswer }),
          ...(fresh.detectsMachines && { detectsMachines: true }),
        }
      : { voicemail: action, ...(unknownAnswer && { unknownAnswer }), ...(detectsMachines && { detectsMachines }) }),
  };
}

function hoursOf({ windows, excludeDates }: NonNullable<CampaignSettings['schedule']>, before: CallingHours): CallingHours {
  return { windows: windows ?? before.windows, excludeDates: excludeDates ?? before.excludeDates };
}

/** `undefined` leaves it, `null` takes it away. */
function pick<T>(given: T | null | undefined, before: T | null): T | null {
  return given === undefined ? before : given;
}

function momentOf(given: string | null | undefined, before: number | null): number | null {
  return given === undefined ? before : given === null ? null : Date.parse(given);
}

function fromErrors({ from = [] }: CampaignSettings, { fromNumbers }: CampaignReading): FieldError[] {
  return from.flatMap((number, at): FieldError[] =>
    (fromNumbers as readonly string[]).includes(number)
      ? []
      : [{ pointer: `/from/${at}`, code: 'unknown-caller-id', message: 'Not one of the configured FROM_NUMBERS' }],
  );
}

function scheduleErrors({ schedule = {} }: CampaignSettings, before: Campaign | null, nowMs: number): FieldError[] {
  const errors: FieldError[] = [];
  const { fallbackTimeZone: zone } = schedule;
  if (typeof zone === 'string' && !isTimeZone(zone)) {
    const message = 'Not an IANA time zone, like America/New_York';
    errors.push({ pointer: '/schedule/fallbackTimeZone', code: 'invalid-value', message });
  }
  const startAt = momentOf(schedule.startAt, before?.startAt ?? null);
  const endAt = momentOf(schedule.endAt, before?.endAt ?? null);
  const pointer = '/schedule/endAt';
  if (schedule.endAt && endAt !== null && endAt <= nowMs) {
    errors.push({ pointer, code: 'schedule-impossible', message: 'This moment has passed' });
  } else if (startAt !== null && endAt !== null && startAt >= endAt) {
    errors.push({ pointer, code: 'schedule-impossible', message: 'Must be later than startAt' });
  }
  return errors;
}
