import { describe, expect, it } from 'vitest';
import type { Call } from './call.js';
import type { CallEvent } from './event.js';
import { event } from './testing/events.js';
import { CALL_ID, CALLS, SID, T0 } from './testing/fixtures.js';
import { transition } from './transition.js';

const run = (call: Call, ...events: CallEvent[]): Call => events.reduce((now, next) => transition(now, next).call, call);

describe('a transfer', () => {
  it('is committed before the redirect, which only its committer sends', () => {
    const { call, effects } = transition(CALLS.bridged, event.transferAsked({ at: T0 + 30_000 }));
    expect(call).toMatchObject({
      state: 'bridged',
      deadline: T0 + 40_000,
      pending: { kind: 'transfer', targetId: 'desk' },
      attempts: [{ transferAskedAt: T0 + 30_000 }],
    });
    expect(effects).toEqual([{ type: 'redirect', callId: CALL_ID, sid: SID, targetId: 'desk' }]);
    expect(transition(call, event.transferAsked())).toEqual({ call, verdict: 'no-news', effects: [] });
  });

  it.each([['stop'], ['lost']] as const)('is not ended by the %s of its stream: the redirect took it away', (why) => {
    expect(run(CALLS.transferring, event.mediaClosed(why, { at: T0 + 31_000 }))).toMatchObject({
      state: 'transferred',
      targetId: 'desk',
      deadline: T0 + 31_000 + 1_810_000,
    });
  });

  it('is not ended by the loss of its gateway: the deadline judges', () => {
    expect(transition(CALLS.transferring, event.ownerLost()).verdict).toBe('no-news');
    expect(run(CALLS.transferring, event.deadlinePassed(T0 + 40_000))).toMatchObject({
      state: 'ending',
      cause: 'transfer-failed',
      by: 'platform',
    });
  });

  it('has joined with the first word of the child, whatever the gateway heard of the redirect', () => {
    expect(run(CALLS.transferring, event.transferJoined())).toMatchObject({ state: 'transferred', targetId: 'desk' });
    expect(run(CALLS.transferring, event.transferFailed(), event.transferJoined()).state).toBe('transferred');
  });

  it('that was never asked for cannot have joined', () => {
    expect(transition(CALLS.bridged, event.transferJoined()).verdict).toBe('no-news');
  });

  it('that failed gives the conversation back, with its old deadline', () => {
    expect(run(CALLS.transferring, event.transferFailed())).toMatchObject({
      state: 'bridged',
      pending: { kind: 'none' },
      deadline: T0 + 620_000,
    });
  });

  it('whose answer was lost may still run: a stream that closes soon was taken away by it, and nobody is hung up on', () => {
    const inDoubt = run(CALLS.transferring, event.transferFailed());
    const { call, effects } = transition(inDoubt, event.mediaClosed('stop', { at: T0 + 30_000 + 29_999 }));
    expect([call.state, effects]).toEqual(['transferred', []]);
    expect(run(inDoubt, event.mediaClosed('stop', { at: T0 + 30_000 + 30_000 }))).toMatchObject({ cause: 'callee-hung-up' });
  });

  it('that was certainly refused is forgotten: a callee who hangs up then has hung up', () => {
    const refused = run(CALLS.transferring, event.transferFailed({ certain: true }));
    expect(refused.attempts.at(-1)).toMatchObject({ transferAskedAt: null });
    expect(run(refused, event.mediaClosed('stop', { at: T0 + 31_000 }))).toMatchObject({
      state: 'ending',
      cause: 'callee-hung-up',
    });
  });

  it('that reached nobody ends as failed, and one that did as transferred', () => {
    const ended = (...events: CallEvent[]) => run(CALLS.transferred, ...events, event.carrier('completed')).attempts.at(-1)?.over;
    expect(ended(event.transferEnded(false))).toMatchObject({ cause: 'transfer-failed', by: 'platform', proven: true });
    expect(ended(event.transferEnded(true))).toMatchObject({ cause: 'transferred', by: 'callee' });
  });

  it('has joined also if the first word of the child that comes is its last', () => {
    expect(run(CALLS.transferring, event.transferEnded(false))).toMatchObject({ state: 'transferred', isUnreached: true });
    expect(transition(CALLS.bridged, event.transferEnded(false)).verdict).toBe('no-news');
  });

  it('is not begun while last words are being said', () => {
    expect(transition(CALLS.speakingLastWords, event.transferAsked()).verdict).toBe('no-news');
  });

  it('does not outlast the longest duration while it is pending', () => {
    expect(run(CALLS.bridged, event.transferAsked({ at: T0 + 615_000 })).deadline).toBe(T0 + 620_000);
  });

  it("ends by its own limit, by the operator, or by the carrier's word for the parent leg", () => {
    expect(run(CALLS.transferred, event.deadlinePassed(T0 + 1_841_000))).toMatchObject({
      state: 'ending',
      cause: 'max-duration',
      owner: null,
    });
    expect(run(CALLS.transferred, event.endAsked())).toMatchObject({ state: 'ending', cause: 'operator-ended-call' });
    expect(run(CALLS.transferred, event.carrier('completed'))).toMatchObject({
      state: 'settling',
      attempts: [{ over: { disposition: 'completed', cause: 'transferred' } }],
    });
  });

  it('by a gateway that closes the stream itself is none', () => {
    expect(run(CALLS.transferring, event.mediaClosed('we', { cause: 'agent-lost' }))).toMatchObject({
      state: 'ending',
      cause: 'agent-lost',
    });
  });
});
