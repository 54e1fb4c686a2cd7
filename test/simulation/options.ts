export interface Options {
  readonly from: number;
  readonly seeds: number;
  readonly json: boolean;
  readonly trace: boolean;
  /** Processes; as many as the machine carries if not said. */
  readonly jobs?: number;
}

export const USAGE =
  'npm run simulate -- [--seeds N] [--from N] [--jobs N] [--json], or --seed N --trace for one of them told line by line';

/** Null: not understood. */
export function readOptions(args: readonly string[]): Options | null {
  const numbers: Record<string, number> = {};
  const flags = new Set<string>();
  for (let i = 0; i < args.length; i++) {
    const arg = args[i]!;
    if (arg === '--json' || arg === '--trace') flags.add(arg);
    else if (/^--(seeds|from|jobs|seed)$/.test(arg) && /^[1-9]\d{0,8}$/.test(args[i + 1] ?? '')) numbers[arg] = Number(args[++i]);
    else return null;
  }
  const { '--seed': one, '--seeds': seeds = 100, '--from': from = 1, '--jobs': jobs } = numbers;
  return {
    from: one ?? from,
    seeds: one === undefined ? seeds : 1,
    json: flags.has('--json'),
    trace: flags.has('--trace'),
    ...(jobs !== undefined && { jobs }),
  };
}
