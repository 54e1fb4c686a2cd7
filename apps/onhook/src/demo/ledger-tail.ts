/** One line of the simulator's ledger. */
export interface LedgerEntry {
  readonly seq: number;
  /** Wall time, milliseconds since the epoch. */
  readonly at: number;
  /** The simulator's monotonic milliseconds. */
  readonly mono: number;
  readonly kind: string;
  readonly callSid?: string;
  readonly callId?: string;
  readonly [fact: string]: unknown;
}

/** Follows the ledger over HTTP until `signal` aborts; entries arrive in order. */
export async function tailLedger(
  simulatorUrl: string,
  onEntry: (entry: LedgerEntry) => void,
  signal: AbortSignal,
): Promise<void> {
  const response = await fetch(`${simulatorUrl}/simulator/ledger/tail`, { signal });
  if (!response.ok || !response.body) throw new Error(`the ledger was answered ${response.status}`);
  let rest = '';
  const decoder = new TextDecoder();
  try {
    for await (const chunk of response.body) {
      const lines = (rest + decoder.decode(chunk as Uint8Array, { stream: true })).split('\n');
      rest = lines.pop() ?? '';
      for (const line of lines) if (line) onEntry(JSON.parse(line) as LedgerEntry);
    }
  } catch (error) {
    if (!signal.aborted) throw error;
  }
}

export const numberOf = (entry: LedgerEntry | undefined, fact: string): number => {
  const value = entry?.[fact];
  return typeof value === 'number' ? value : Number.NaN;
};

export const textOf = (entry: LedgerEntry | undefined, fact: string): string => {
  const value = entry?.[fact];
  return typeof value === 'string' ? value : '';
};
