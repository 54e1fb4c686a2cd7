/** How one thing stands. `fix` says what to do, in one sentence; never with a secret in it. */
export interface Finding {
  readonly name: string;
  readonly level: 'ok' | 'warn' | 'fail';
  readonly says: string;
  readonly fix?: string;
}

export const ok = (name: string, says: string): Finding => ({ name, level: 'ok', says });
export const warn = (name: string, says: string, fix: string): Finding => ({ name, level: 'warn', says, fix });
export const fail = (name: string, says: string, fix: string): Finding => ({ name, level: 'fail', says, fix });

/** Why something could not be looked at, in words that fit on a line. */
export function reasonOf(error: unknown): string {
  const cause = error instanceof Error && error.cause instanceof Error ? error.cause : error;
  const code = (cause as NodeJS.ErrnoException)?.code;
  const message = cause instanceof Error ? cause.message : String(cause);
  return (code && !message.includes(code) ? `${code}: ${message}` : message).split('\n')[0]!.slice(0, 200);
}
