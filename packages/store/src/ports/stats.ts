import type { E164 } from '@onhook/contracts';

/** How calls turned out, counted with the commit that ends them: exact, and kept longer than calls are. */
export interface CallStats {
  /**
   * By the hour (UTC) in which calls ended.
   *
   * @param from milliseconds; the hour that it falls in counts, as that of `to` does
   * @param numbers for `from`: whose figures; the numbers themselves are not kept
   */
  read(asked: {
    from: number;
    to: number;
    by: 'all' | 'cause' | 'agent' | 'from';
    numbers?: readonly E164[];
  }): Promise<StatsRow[]>;
}

export interface StatsRow {
  /** Milliseconds at which the hour began. */
  readonly hour: number;
  /** The cause, the agent, the number; '' for all. */
  readonly which: string;
  readonly calls: number;
  readonly attempts: number;
  readonly answered: number;
  readonly talkMs: number;
}
