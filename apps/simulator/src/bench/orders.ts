import type { Lateness } from './lateness.js';

/** What the bench and its receiver say to each other. Moments are those of the receiver's clock. */
export type Order =
  | { type: 'begin'; streams: number; framesEach: number; speech: string }
  | { type: 'ping' }
  | { type: 'report'; firstDueMs: number[]; fromMs: number; toMs: number };

export type Answer =
  | { type: 'listening'; port: number }
  | { type: 'pong'; atMs: number }
  | { type: 'report'; lateness: Lateness; answers: number; cpuMs: number };
