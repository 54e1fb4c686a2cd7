import type { Logger } from '@onhook/service';

/** What all processes log, on one sheet of paper, with the simulated time before it. */
export function narrator(print: (line: string) => void): (process: string, now: () => number) => Logger {
  return (process, now) => {
    const line =
      (level: string) =>
      (facts: object, words: string): void => {
        const entries = Object.entries(facts).map(([name, value]) => [
          name,
          value instanceof Error ? value.message : (value as unknown),
        ]);
        print(
          `${((now() - START) / 1_000).toFixed(3)} ${process} ${level} ${words} ${JSON.stringify(Object.fromEntries(entries))}`,
        );
      };
    const logger: Logger = {
      fatal: line('fatal'),
      error: line('error'),
      warn: line('warn'),
      info: line('info'),
      debug() {},
      trace() {},
      child: () => logger,
    } as unknown as Logger;
    return logger;
  };
}

const START = Date.UTC(2026, 0, 5, 9, 0, 0);
