import { z } from 'zod';
import type { Timers, Timer } from '@onhook/service';

const laterMs = z.int().min(0).max(3_600_000).optional();

/** What goes wrong in a session: part of a script, or behind the model. */
export const faults = z.strictObject({
  /** The socket is destroyed without a close frame: the client sees 1006. */
  dropAfterMs: laterMs,
  /** `session_expired`, then close 1001. */
  expireAfterMs: laterMs,
  /** The socket is closed with `closeCode`. */
  closeAfterMs: laterMs,
  /** Of those that a server may send; the SDK goes on after 1001, 1005, 1006, 1011, 1012 and 1013. */
  closeCode: z
    .int()
    .refine((code) => (code >= 1000 && code <= 1014 && ![1004, 1005, 1006].includes(code)) || (code >= 3000 && code <= 4999), {
      message: 'must be a code that may be sent',
    })
    .optional(),
  /** An `error` frame of type `server_error`; the session stays open. */
  errorAfterMs: laterMs,
  /** Nothing more is sent; the socket stays open. */
  silentAfterMs: laterMs,
  /** The n-th response (from 1) fails, with no `error` frame … */
  failResponse: z.int().min(1).optional(),
  /** … and so does any other, with this probability … */
  failChance: z.number().min(0).max(1).optional(),
  /** … for this reason. The codes other than `server_error` are hearsay. */
  failCode: z.enum(['server_error', 'rate_limit_exceeded', 'insufficient_quota']).optional(),
  /** So many milliseconds of audio of a cancelled response still come after its `response.done`. */
  lateAudioMs: z.int().min(0).max(60_000).optional(),
  /** The handshake is answered with this HTTP status. Only behind the model, or in the default script: no other is known yet. */
  refuseConnect: z.literal([401, 403, 408, 429, 500, 502, 503, 504]).optional(),
});
export type Faults = z.output<typeof faults>;
export type FailCode = NonNullable<Faults['failCode']>;
export const faultNames = Object.keys(faults.shape) as (keyof Faults)[];

export const failures: Record<FailCode, string> = {
  server_error: 'The server had an error while processing your request.',
  rate_limit_exceeded: 'Rate limit reached for requests per minute. Please try again later.',
  insufficient_quota: 'You exceeded your current quota, please check your plan and billing details.',
};

export interface FaultActs {
  drop: () => void;
  expire: () => void;
  close: (code: number) => void;
  error: () => void;
  silence: () => void;
}

const CLOSED_WITH = 1011;

/** Arranges for what goes wrong later in a session. Returns how to call it off. */
export function arrangeFaults(arrange: Faults, acts: FaultActs, timers: Timers): () => void {
  const arranged: Timer[] = [];
  const at = (ms: number | undefined, act: () => void): void => {
    if (ms !== undefined) arranged.push(timers.after(ms, act));
  };
  at(arrange.dropAfterMs, acts.drop);
  at(arrange.expireAfterMs, acts.expire);
  at(arrange.closeAfterMs, () => acts.close(arrange.closeCode ?? CLOSED_WITH));
  at(arrange.errorAfterMs, acts.error);
  at(arrange.silentAfterMs, acts.silence);
  return () => arranged.forEach((timer) => timer.cancel());
}
