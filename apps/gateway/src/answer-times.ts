/** How long the callee waits: until the first sound of the call, and after each of their own words. Pure. */
export interface AnswerTimes {
  calleeStarted(): void;
  calleeStopped(atMs: number): void;
  /** Audio was sent. @returns the latency, if this is the first audio of an answer */
  sent(turnId: string, atMs: number): number | null;
  firstAudioAtMs(): number | null;
  latenciesMs(): readonly number[];
}

/** More turns than that, and the record would become a log. */
const MAX_LATENCIES = 200;

export function createAnswerTimes(): AnswerTimes {
  let firstAudioAt: number | null = null;
  let stoppedAt: number | null = null;
  let turn: string | null = null;
  const latencies: number[] = [];
  return {
    calleeStarted: () => void (stoppedAt = null),
    calleeStopped: (atMs) => void (stoppedAt = atMs),
    sent(turnId, atMs) {
      firstAudioAt ??= Math.round(atMs);
      if (turn === turnId) return null;
      turn = turnId;
      if (stoppedAt === null) return null;
      const latencyMs = Math.max(0, Math.round(atMs - stoppedAt));
      stoppedAt = null;
      if (latencies.length < MAX_LATENCIES) latencies.push(latencyMs);
      return latencyMs;
    },
    firstAudioAtMs: () => firstAudioAt,
    latenciesMs: () => latencies,
  };
}
