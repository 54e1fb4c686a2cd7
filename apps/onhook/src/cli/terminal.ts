import { styleText } from 'node:util';
import { CommandFailed } from './errors.js';

type Style = 'bold' | 'dim' | 'red' | 'green' | 'yellow' | 'cyan';

/** Where the CLI writes. Results go to `out`, everything for the eye to `err`. */
export interface Terminal {
  out(line: string): void;
  err(line: string): void;
  paint(style: Style, text: string): string;
  readonly isInteractive: boolean;
  /** Draws these lines over those it drew before, on `err`. Nothing happens where that is no terminal. */
  redraw(lines: readonly string[]): void;
  /** Both are terminals: what is drawn over is lost to nobody. */
  readonly isWatched: boolean;
  /** Bytes as they are, on `out`. Resolves when more may follow. */
  write(bytes: Uint8Array): Promise<void>;
}

export interface Streams {
  readonly stdout: Pick<NodeJS.WriteStream, 'write' | 'isTTY'>;
  readonly stderr: Pick<NodeJS.WriteStream, 'write' | 'isTTY' | 'columns'>;
}

/** Colours on a terminal only, and never with NO_COLOR (https://no-color.org). */
export function createTerminal({ stdout, stderr }: Streams, env: NodeJS.ProcessEnv): Terminal {
  const draws = stderr.isTTY === true && env['TERM'] !== 'dumb';
  let drawn = 0;
  const isInteractive = stdout.isTTY === true && !env['NO_COLOR'] && env['TERM'] !== 'dumb';
  return {
    out: (line) => void stdout.write(`${line}\n`),
    err(line) {
      drawn = 0;
      stderr.write(`${line}\n`);
    },
    paint: (style, text) => (isInteractive ? styleText(style, text) : text),
    isInteractive,
    isWatched: draws && stdout.isTTY === true,
    redraw(lines) {
      if (!draws) return;
      const fitting = lines.map((line) => cutTo(stderr.columns || USUAL_COLUMNS, line));
      stderr.write(`${drawn === 0 ? '' : `\u001b[${drawn}A`}\r\u001b[J${fitting.map((line) => `${line}\n`).join('')}`);
      drawn = fitting.length;
    },
    write: (bytes) =>
      new Promise((resolve, reject) => {
        stdout.write(bytes, (error) =>
          error ? reject(new CommandFailed('Standard output was closed before all was written.')) : resolve(),
        );
      }),
  };
}

/** Columns as wide as they must be. The last is not padded. */
export function table(rows: readonly (readonly string[])[]): string[] {
  const widths = (rows[0] ?? []).map((_, column) => Math.max(...rows.map((row) => bare(row[column] ?? '').length)));
  return rows.map((row) =>
    row
      .map((cell, column) => (column === row.length - 1 ? cell : cell + ' '.repeat(widths[column]! - bare(cell).length)))
      .join('  ')
      .trimEnd(),
  );
}

/** What `styleText` adds. */
const STYLE = new RegExp(`${String.fromCodePoint(27)}\\[\\d+m`, 'g');
const bare = (text: string): string => text.replaceAll(STYLE, '');

/** Nobody on the phone, and no file, may move the cursor of an operator's terminal. */
export const plain = (text: string): string => text.replaceAll(/\p{Cc}/gu, ' ');

/** A line that wraps would be two to the cursor. */
const cutTo = (columns: number, line: string): string =>
  bare(line).length < columns ? line : `${bare(line).slice(0, columns - 2)}…`;

const USUAL_COLUMNS = 80;

export function duration(ms: number): string {
  const seconds = Math.round(ms / 1_000);
  return seconds < 60 ? `${seconds} s` : `${Math.floor(seconds / 60)} min ${seconds % 60} s`;
}
