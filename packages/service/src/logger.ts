import { pino, type Logger as PinoLogger } from 'pino';

/** Fixed words in the past tense, facts in fields: `logger.info({ callId }, 'call ended')`. */
export type Logger = Pick<PinoLogger, 'fatal' | 'error' | 'warn' | 'info' | 'debug' | 'trace'> & {
  child(bindings: Record<string, unknown>): Logger;
};

/** Fields that may carry a phone number, a secret or speech. They are cut out wherever they stand, should one slip in. */
const NEVER_LOGGED = [
  'to',
  'from',
  'To',
  'From',
  'Caller',
  'Called',
  'number',
  'words',
  'text',
  'transcript',
  'token',
  'secret',
  'apiKey',
  'authorization',
  'authToken',
  'password',
  'params',
  'body',
  'config',
  'auth',
  'headers',
  'request',
  'response',
  'variables',
];

/** One JSON object a line on standard output. */
export function createLogger({ name, level }: { name: string; level: string }): Logger {
  return pino({
    name,
    level,
    redact: { paths: NEVER_LOGGED.flatMap((key) => [key, `*.${key}`, `*.*.${key}`]), remove: true },
    formatters: { level: (label) => ({ level: label }) },
    serializers: { err: errorFacts, error: errorFacts },
    timestamp: pino.stdTimeFunctions.isoTime,
  });
}

export const silentLogger: Logger = pino({ level: 'silent' });

/** What is safe to say of an error. HTTP clients hang whole requests on theirs, with numbers and keys. */
function errorFacts(error: unknown): unknown {
  if (!(error instanceof Error)) return { message: maskNumbers(String(error)) };
  const { code, status } = error as { code?: unknown; status?: unknown };
  return {
    type: error.name,
    message: maskNumbers(error.message),
    ...(code !== undefined && { code }),
    ...(status !== undefined && { status }),
    ...(error.stack && { stack: maskNumbers(error.stack) }),
    ...(error.cause !== undefined && { cause: errorFacts(error.cause) }),
  };
}

/** `+14155550123` → `+1415•••0123`: enough to recognise, too little to dial. */
export function maskNumbers(text: string): string {
  return text.replace(/\+\d{7,15}/g, maskNumber);
}

export function maskNumber(number: string): string {
  return `${number.slice(0, Math.max(3, number.length - 7))}•••${number.slice(-4)}`;
}
