import { ANSWERED_BY, CARRIER_STATUSES, GOODBYES, LAYERS, PARTIES } from '@onhook/contracts';
import fc from 'fast-check';
import type { CallEventBody, EventSource } from '../event.js';
import { FROM, GATEWAY, OTHER_GATEWAY, OTHER_SID, OTHER_STREAM, SID, STREAM } from './fixtures.js';

/** An event of any kind, whose moment and deadline are chosen when it meets the record. */
export interface Happening {
  readonly body: CallEventBody;
  readonly source: EventSource;
  /** After the event before. */
  readonly afterMs: number;
  /** Let the present deadline pass instead of the one in the body. */
  readonly atDeadline: boolean;
}

const n = fc.constantFrom(1, 1, 1, 2, 2, 3);
const sid = fc.constantFrom(SID, SID, SID, OTHER_SID);
const streamSid = fc.constantFrom(STREAM, STREAM, STREAM, OTHER_STREAM);
const gatewayId = fc.constantFrom(GATEWAY, OTHER_GATEWAY);
const cause = fc.constantFrom('operator-ended-call', 'agent-ended-call', 'silence-timed-out', 'agent-lost', 'no-answer' as const);
const by = fc.constantFrom(...PARTIES);
const reason = fc.constant('reason');
const some = <T>(value: fc.Arbitrary<T>) => fc.option(value, { nil: undefined });
const type = <const T extends string>(name: T) => fc.constant(name);

const body: fc.Arbitrary<CallEventBody> = fc
  .oneof(
    { weight: 6, arbitrary: fc.record({ type: type('deadline-passed'), deadline: fc.constant(0) }) },
    fc.record({ type: type('held'), until: fc.constant(1_800_000_200_000), reason }),
    { weight: 5, arbitrary: fc.record({ type: type('dial-started'), n, from: fc.constant(FROM) }) },
    fc.record({
      type: type('not-sent'),
      n,
      dial: some(fc.constantFrom(1, 1, 2, 3)),
      retryAt: fc.constant(1_800_000_005_000),
      reason,
    }),
    fc.record({ type: type('refused'), n, code: fc.constantFrom(21_211, 20_500), retryable: fc.boolean() }),
    fc.record({ type: type('accepted'), n, sid }),
    fc.record({ type: type('unclear'), n, reason }),
    {
      weight: 6,
      arbitrary: fc.record({
        type: type('carrier'),
        n,
        sid,
        status: fc.constantFrom(...CARRIER_STATUSES),
        via: fc.constantFrom('callback', 'look', 'stray'),
        durationSec: some(fc.constantFrom(5, 631)),
        sipCode: some(fc.constantFrom(404, 486)),
        endedBy: some(fc.constantFrom(...LAYERS)),
      }),
    },
    fc.record({ type: type('not-found'), n }),
    { weight: 4, arbitrary: fc.record({ type: type('stream-started'), n, sid, streamSid, gatewayId }) },
    {
      weight: 2,
      arbitrary: fc.record({
        type: type('media-closed'),
        streamSid,
        why: fc.constantFrom('stop', 'lost', 'we'),
        fuse: some(fc.boolean()),
        direct: some(fc.boolean()),
        cause: some(cause),
        by: some(by),
      }),
    },
    fc.record({ type: type('owner-lost'), streamSid }),
    fc.record({ type: type('answered-by'), n, sid, who: fc.constantFrom(...ANSWERED_BY) }),
    fc.record({
      type: type('end-asked'),
      cause,
      by,
      n: some(n),
      words: some(fc.constant('Goodbye.')),
      ifWaiting: some(fc.boolean()),
      goodbye: some(fc.constantFrom(...GOODBYES)),
    }),
    fc.record({
      type: type('amended'),
      notBefore: some(fc.constantFrom(1_800_000_000_000, 1_800_000_300_000)),
      latestAt: some(fc.constantFrom(1_800_000_100_000, 1_800_000_900_000)),
      variables: some(fc.constant({ name: 'Ada' })),
      metadata: fc.constantFrom({ orderId: '1' }, { orderId: '2' }),
    }),
    { weight: 2, arbitrary: fc.record({ type: type('transfer-asked'), streamSid, targetId: fc.constant('desk') }) },
    fc.record({ type: type('transfer-failed'), streamSid, certain: some(fc.boolean()) }),
    fc.record({ type: type('transfer-joined'), n }),
    fc.record({ type: type('transfer-ended'), n, reached: fc.boolean() }),
    { weight: 4, arbitrary: fc.record({ type: type('settled'), n: fc.constantFrom(0, 1, 1, 2, 3) }) },
    fc.record({
      type: type('noted'),
      n,
      goodbye: some(fc.constantFrom(...GOODBYES)),
      recordingMs: some(fc.constantFrom(1_000, 2_000)),
      measured: some(fc.constant({ answerToFirstAudioMs: 400, turnLatencyMs: [600] })),
    }),
  )
  // What is left out of a message is absent, not undefined.
  .map((event) => JSON.parse(JSON.stringify(event)) as CallEventBody);

export const happening: fc.Arbitrary<Happening> = fc.record({
  body,
  source: fc.constantFrom('api', 'dialer', 'gateway', 'hangup', 'watchdog', 'reconciler', 'callback'),
  afterMs: fc.constantFrom(0, 0, 1, 40, 1_000, 15_000, 400_000),
  atDeadline: fc.boolean(),
});
