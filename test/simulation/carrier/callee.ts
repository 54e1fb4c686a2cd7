import type { AnsweredBy } from '@onhook/contracts';
import type { Draw } from '../draw.js';

export const CALLEES = [
  'talker',
  'busy',
  'no-answer',
  'declines',
  'unreachable',
  'hangs-up',
  'silent',
  'voicemail',
  'fax',
  'interrupter',
  'late-picker',
] as const;
export type CalleeKind = (typeof CALLEES)[number];

/** Who sits at the other end of a leg, decided before it rings. */
export interface Callee {
  readonly kind: CalleeKind;
  readonly ringsForMs: number;
  /** What the line says if nobody speaks. */
  readonly line: 'answers' | 'busy' | 'no-answer' | 'failed';
  readonly sipCode: number;
  /** After the answer; null: never by itself. */
  readonly hangsUpAfterMs: number | null;
  readonly speaks: boolean;
  readonly interrupts: boolean;
  readonly verdict: AnsweredBy;
  readonly verdictAfterMs: number;
}

export function drawCallee(kind: CalleeKind, draw: Draw): Callee {
  const answering: Callee = {
    kind,
    ringsForMs: draw.between(800, 9_000),
    line: 'answers',
    sipCode: 200,
    hangsUpAfterMs: null,
    speaks: true,
    interrupts: false,
    verdict: draw.happens(0.9) ? 'human' : 'unknown',
    verdictAfterMs: draw.happens(0.3) ? draw.between(20, 400) : draw.between(1_500, 5_000),
  };
  switch (kind) {
    case 'talker':
      return answering;
    case 'interrupter':
      return { ...answering, interrupts: true };
    case 'late-picker':
      // Just before the carrier would have given up.
      return { ...answering, ringsForMs: draw.between(12_000, 30_000) };
    case 'hangs-up':
      return { ...answering, hangsUpAfterMs: draw.between(50, 12_000) };
    case 'silent':
      return { ...answering, speaks: false };
    case 'voicemail':
      return { ...answering, speaks: false, verdict: 'machine', hangsUpAfterMs: 60_000 };
    case 'fax':
      return { ...answering, speaks: false, verdict: 'fax', hangsUpAfterMs: 45_000 };
    case 'busy':
      return { ...answering, line: 'busy', sipCode: 486, ringsForMs: draw.between(0, 1_500) };
    case 'declines':
      return { ...answering, line: 'no-answer', sipCode: 603, ringsForMs: draw.between(1_000, 8_000) };
    case 'unreachable':
      return { ...answering, line: 'failed', sipCode: 404, ringsForMs: draw.between(0, 500) };
    case 'no-answer':
      return { ...answering, line: 'no-answer', sipCode: 487, ringsForMs: Infinity };
  }
}
