/** A process of ours that runs and said that it serves. */
export interface RunningProgram {
  readonly name: ProgramName;
  readonly pid: number;
  /** Standard output and error of this process. */
  readonly logFile: string;
  /** What it told when it became ready: ports, instance ids. */
  readonly facts: Readonly<Record<string, unknown>>;
}

export type ProgramName = 'simulator' | 'api' | 'gateway' | 'dialer' | 'hangup';

/** Where everything stands that the launcher has started; what the demonstration call needs. */
export interface House {
  readonly root: string;
  /** `.onhook/`, or with `--once` a folder of its own below it; those of the last few runs stay. */
  readonly dir: string;
  readonly apiUrl: string;
  readonly apiKey: string;
  /** Carrier REST, control and ledger of the simulator. Absent when a real carrier is configured. */
  readonly simulatorUrl: string | undefined;
  readonly accountSid: string;
  readonly authToken: string;
  readonly ports: { readonly api: number; readonly gateway: number; readonly simulator: number; readonly agent: number };
  readonly redisUrl: string;
  readonly redisPrefix: string;
  readonly fromNumbers: readonly string[];
  readonly recordingsDir: string;
  readonly ledgerDir: string;
  readonly logsDir: string;
  readonly programs: readonly RunningProgram[];
  /** From the start of the launcher until every process was ready, in milliseconds. */
  readonly setupMs: number;
}

export interface DemoOptions {
  readonly once: boolean;
  readonly json: boolean;
  /** Aborted when the user stops the launcher, or when `--once` has taken longer than it may. Then say how far the call came. */
  readonly signal: AbortSignal;
  /** One line for the user: standard output, or standard error when standard output belongs to `--json`. */
  print(line: string): void;
}

export interface DemoOutcome {
  /** Whether the call ended as it should; the exit code of `--once`. */
  readonly passed: boolean;
  /** The one object of `--json`. */
  readonly report: Readonly<Record<string, unknown>>;
}
