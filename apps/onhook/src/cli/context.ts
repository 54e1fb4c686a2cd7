import type { Chance, Clock, Timers } from '@onhook/service';
import type { Finding } from '../doctor/check.js';
import type { Api } from './api.js';
import type { Terminal } from './terminal.js';

/** What every command may use. */
export interface Context {
  readonly terminal: Terminal;
  readonly timers: Pick<Timers, 'sleep'>;
  readonly clock: Pick<Clock, 'now'>;
  readonly chance: Pick<Chance, 'uuid' | 'bytes'>;
  readonly env: NodeJS.ProcessEnv;
  /** Given by Ctrl-C: what follows for ever ends in order. */
  readonly signal: AbortSignal;
  readonly fetch: typeof fetch;
  /** Looked for only when it is needed: `doctor` works where no Onhook runs. */
  api(): Api;
  /** Everything that `doctor` looks at. */
  examine(): Promise<Finding[]>;
  exit(code: number): void;
}
