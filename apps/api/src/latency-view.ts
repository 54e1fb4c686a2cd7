import type { Measured } from '@onhook/call';
import type { LatencyView } from '@onhook/contracts';

/** How long the callee had to wait, as a few numbers: nearest-rank percentiles of the answers. */
export function latencyView({ answerToFirstAudioMs, turnLatencyMs }: Measured): LatencyView {
  const sorted = turnLatencyMs.toSorted((a, b) => a - b);
  const percentile = (p: number): number => sorted[Math.max(0, Math.ceil(p * sorted.length) - 1)]!;
  return {
    answerToFirstAudioMs,
    turns: sorted.length,
    turnMs: sorted.length === 0 ? null : { p50: percentile(0.5), p90: percentile(0.9), max: sorted.at(-1)! },
  };
}
