import { appendFileSync } from 'node:fs';

/** One witness's file: a JSON object a line, on disk when `write` returns, so that a run that is killed can be audited. */
export function createScribe<Line>(file: string): { write(line: Line): void } {
  appendFileSync(file, '');
  return { write: (line) => appendFileSync(file, `${JSON.stringify(line)}\n`) };
}
