/**
 * What a process tells about itself while it runs, in the text format of Prometheus. A figure is kept where it arises, as a plain number,
 * and read only when somebody asks: a frame that is counted costs one addition.
 */
export interface Metrics {
  /** Goes up and down. `read` may give one figure, or one for each value of a label. */
  gauge(name: string, help: string, read: () => number | LabelledFigures): void;
  /** Only grows. `name` ends in `_total`. */
  counter(name: string, help: string, read: () => number): void;
  text(): Promise<string>;
}

export interface LabelledFigures {
  readonly label: string;
  readonly figures: Readonly<Record<string, number>>;
}
