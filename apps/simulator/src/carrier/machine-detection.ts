import { isRefused, readWebhook, readWithin, readWord, text, type Form, type Refused, type Webhook } from './form.js';

/** Every verdict that Twilio's answering machine detection knows. */
export const answeredByValues = [
  'human',
  'machine_start',
  'machine_end_beep',
  'machine_end_silence',
  'machine_end_other',
  'fax',
  'unknown',
] as const;
export type AnsweredBy = (typeof answeredByValues)[number];

export interface MachineDetection {
  mode: 'Enable' | 'DetectMessageEnd';
  timeoutMs: number;
  /** Async: the document runs at once, and the verdict goes to `callback`. */
  isAsync: boolean;
  callback?: Webhook;
}

export interface Verdict {
  answeredBy: AnsweredBy;
  afterMs: number;
}

/**
 * Reads the fields of machine detection off a create. `undefined`: not asked for, or switched off by `SendDigits` as on
 * Twilio. The tuning fields are checked and change nothing: the verdict is the scenario's.
 */
export function readMachineDetection(form: Form): MachineDetection | Refused | undefined {
  if (!text(form, 'MachineDetection') || text(form, 'SendDigits')) return undefined;
  const mode = readWord(form, 'MachineDetection', ['Enable', 'DetectMessageEnd']);
  if (typeof mode !== 'string') return mode;
  const timeoutSec = readWithin(form, 'MachineDetectionTimeout', 3, 60, 30);
  if (typeof timeoutSec !== 'number') return timeoutSec;
  for (const [field, min, max] of tuning) {
    const value = readWithin(form, field, min, max, min);
    if (typeof value !== 'number') return value;
  }
  const isAsync = readWord(form, 'AsyncAmd', ['false', 'true']);
  if (typeof isAsync !== 'string') return isAsync;
  const callback = readWebhook(form, 'AsyncAmdStatusCallback', 'AsyncAmdStatusCallbackMethod');
  if (isRefused(callback)) return callback;
  return { mode, timeoutMs: timeoutSec * 1_000, isAsync: isAsync === 'true', ...(callback && { callback }) };
}

/** Milliseconds; source: OpenAPI. */
const tuning: readonly [string, number, number][] = [
  ['MachineDetectionSpeechThreshold', 1_000, 6_000],
  ['MachineDetectionSpeechEndThreshold', 500, 5_000],
  ['MachineDetectionSilenceTimeout', 2_000, 10_000],
];

/**
 * What detection says of who answered, and when. `Enable` knows no end of a greeting and `DetectMessageEnd` no beginning, so
 * a scripted verdict of the other mode is told in the words of this one. Past the timeout it is `unknown`, or in the middle
 * of a greeting that was to be heard out, `machine_end_other`.
 */
export function verdictOf(
  { mode, timeoutMs }: Pick<MachineDetection, 'mode' | 'timeoutMs'>,
  scripted: { answeredBy: AnsweredBy; amdDelayMs: number },
): Verdict {
  const waitsForEnd = mode === 'DetectMessageEnd';
  const isMachine = scripted.answeredBy.startsWith('machine_');
  if (scripted.amdDelayMs > timeoutMs) {
    return { answeredBy: waitsForEnd && isMachine ? 'machine_end_other' : 'unknown', afterMs: timeoutMs };
  }
  const afterMs = scripted.amdDelayMs;
  if (isMachine && !waitsForEnd) return { answeredBy: 'machine_start', afterMs };
  if (scripted.answeredBy === 'machine_start') return { answeredBy: 'machine_end_beep', afterMs };
  return { answeredBy: scripted.answeredBy, afterMs };
}
