/** What one run of a fuzz target came to. */
export interface FuzzReport {
  /** Hostile sessions or requests that were played. */
  readonly n: number;
  readonly seed: number;
  /** In words, each with the seed of the one that did it where it is known. None: it passed. */
  readonly failures: readonly string[];
  readonly [figure: string]: unknown;
}

export interface FuzzOptions {
  readonly n: number;
  readonly seed: number;
}

/** One file in this folder for each target, each with such a function. */
export type FuzzTarget = (options: FuzzOptions) => Promise<FuzzReport>;
