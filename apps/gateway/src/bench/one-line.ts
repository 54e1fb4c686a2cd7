import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';

/**
 * What a process of the bench says on stdout; why it says nothing stands on its stderr.
 *
 * @throws Error with its exit code, if it ends without a word
 */
export async function readOneLine(child: ChildProcess, what: string): Promise<string> {
  const exited = once(child, 'exit') as Promise<[code: number | null, signal: string | null]>;
  for await (const line of createInterface({ input: child.stdout! })) return line;
  const [code, signal] = await exited;
  throw new Error(`${what} has ended without a word (${signal ?? `exit code ${code}`})`);
}
