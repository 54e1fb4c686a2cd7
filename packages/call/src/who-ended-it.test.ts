import { describe, expect, it } from 'vitest';
import type { Call } from './call.js';
import type { CallEvent } from './event.js';
import { lastEnd } from './questions.js';
import { event, LATER } from './testing/events.js';
import { CALLS, OTHER_STREAM, OWNER } from './testing/fixtures.js';
import { transition } from './transition.js';

/** The end as it stands in the record after these events. */
function endOf(call: Call, ...events: CallEvent[]) {
  return lastEnd(events.reduce((now, next) => transition(now, next).call, call));
}
const deadlineOf = (call: Call): CallEvent => event.deadlinePassed(call.deadline ?? 0);
const completed = event.carrier('completed');

describe('R8: the first cause and party stay', () => {
  it('keeps what the agent wanted when the operator, the callee and the watchdog come after', () => {
    const end = endOf(
      CALLS.bridged,
      event.agentEnded(),
      event.endAsked(),
      event.mediaClosed('stop'),
      event.ownerLost(),
      completed,
    );
    expect(end).toMatchObject({ cause: 'agent-ended-call', by: 'agent', disposition: 'completed' });
  });

  it('keeps the end that came with last words, whoever ends the call in the meantime', () => {
    const operators = { cause: 'operator-ended-call', by: 'operator' };
    for (const how of [
      event.agentEnded(),
      event.mediaClosed('stop'),
      event.mediaClosed('we', { cause: 'agent-lost' }),
      event.ownerLost(),
      event.answeredBy('machine'),
      deadlineOf(CALLS.speakingLastWords),
    ]) {
      expect(endOf(CALLS.speakingLastWords, how, completed)).toMatchObject(operators);
    }
    expect(endOf(CALLS.speakingLastWords, completed)).toMatchObject({ ...operators, endedBy: 'carrier' });
  });

  it('takes the disposition from the carrier, not from what we wanted', () => {
    expect(endOf(CALLS.ringing, deadlineOf(CALLS.ringing), event.carrier('canceled'))).toMatchObject({
      cause: 'no-answer',
      by: 'platform',
      disposition: 'canceled',
    });
    expect(endOf(CALLS.ending, event.carrier('failed'))).toMatchObject({ cause: 'agent-ended-call', disposition: 'failed' });
  });
});

describe('R8: endedBy is the layer whose act the end followed', () => {
  const ends: [string, string | undefined, Call, CallEvent[]][] = [
    ["an end that none of ours began is the carrier's", 'carrier', CALLS.bridged, [completed]],
    ["the carrier's stop is the carrier's end", 'carrier', CALLS.bridged, [event.mediaClosed('stop'), completed]],
    ["an end that a gateway asked for is the hangup worker's", 'hangup-worker', CALLS.bridged, [event.agentEnded(), completed]],
    [
      "an end that an operator asked for is the hangup worker's",
      'hangup-worker',
      CALLS.ringing,
      [event.endAsked(), event.carrier('canceled')],
    ],
    [
      'a verdict of the machine detection is executed by the hangup worker',
      'hangup-worker',
      CALLS.answered,
      [event.answeredBy('machine'), completed],
    ],
    ["a passed deadline is the watchdog's", 'watchdog', CALLS.bridged, [deadlineOf(CALLS.bridged), completed]],
    ["a lost owner is the watchdog's", 'watchdog', CALLS.bridged, [event.ownerLost(), completed]],
    [
      'an end that the reconciler asked for is its own',
      'reconciler',
      CALLS.bridged,
      [event.endAsked({ source: 'reconciler', cause: 'internal-error', by: 'platform' }), completed],
    ],
    [
      'a stream that broke lets the carrier fall through to <Hangup/>',
      'fall-through',
      CALLS.bridged,
      [event.mediaClosed('lost'), completed],
    ],
    [
      'a gateway that closes by itself ends the call',
      'gateway',
      CALLS.bridged,
      [event.mediaClosed('we', { cause: 'agent-lost' }), completed],
    ],
    [
      "the gateway's fuse before the carrier's word is the gateway",
      'gateway',
      CALLS.ending,
      [event.mediaClosed('we', { fuse: true }), completed],
    ],
    [
      'a gateway that could not ask and went to the carrier itself is gateway-direct',
      'gateway-direct',
      CALLS.bridged,
      [event.mediaClosed('we', { cause: 'agent-ended-call', by: 'agent', direct: true }), completed],
    ],
    [
      'also when the wish had reached the record and only its answer was lost',
      'gateway-direct',
      CALLS.ending,
      [event.mediaClosed('we', { direct: true }), completed],
    ],
    [
      "a socket closed by our order is not the gateway's act",
      'hangup-worker',
      CALLS.ending,
      [event.mediaClosed('we'), completed],
    ],
    [
      'who asked the carrier and then heard that it is over knows best',
      'watchdog',
      CALLS.ending,
      [event.carrier('completed', { endedBy: 'watchdog' })],
    ],
    [
      'outside an ending nobody of ours can have ended it',
      'carrier',
      CALLS.bridged,
      [event.carrier('completed', { endedBy: 'hangup-worker' })],
    ],
    [
      'a leg as long as the time limit was ended by it',
      'time-limit',
      CALLS.bridged,
      [event.carrier('completed', { durationSec: 630 })],
    ],
    [
      'the time limit may overtake our own ending',
      'time-limit',
      CALLS.ending,
      [event.carrier('completed', { durationSec: 630 })],
    ],
    ["a refusal is the carrier's", 'carrier', CALLS.dialing, [event.refused()]],
    ['without a leg nothing ended it', 'none', CALLS.queued, [event.endAsked({ cause: 'canceled' })]],
    ['without a word of the carrier nobody knows', 'none', CALLS.unconfirmed, [event.notFound()]],
  ];
  it.each(ends)('%s → %s', (_, layer, call, events) => {
    expect(endOf(call, ...events)?.endedBy).toBe(layer);
  });

  it('is set once: nothing later changes it', () => {
    expect(
      endOf(
        CALLS.ending,
        event.carrier('completed', { endedBy: 'hangup-worker' }),
        event.endAsked(),
        event.mediaClosed('we', { fuse: true, cause: 'agent-lost' }),
        event.carrier('completed', { endedBy: 'watchdog' }),
      ),
    ).toMatchObject({ cause: 'agent-ended-call', endedBy: 'hangup-worker' });
  });
});

describe('why a call ended that we did not end', () => {
  const causes: [string, string, string, Call, CallEvent][] = [
    ['completed in conversation', 'callee-hung-up', 'callee', CALLS.bridged, completed],
    ['completed during a transfer that had not come about', 'callee-hung-up', 'callee', CALLS.transferring, completed],
    ['completed after a transfer', 'transferred', 'callee', CALLS.transferred, completed],
    ['answered, over, and never a stream', 'no-media', 'carrier', CALLS.answered, completed],
    ['answered and over before any callback came', 'no-media', 'carrier', CALLS.dialing, completed],
    ['ended by the time limit', 'max-duration', 'platform', CALLS.bridged, event.carrier('completed', { durationSec: 631 })],
    [
      'a second short of the time limit',
      'callee-hung-up',
      'callee',
      CALLS.bridged,
      event.carrier('completed', { durationSec: 629 }),
    ],
    ['busy', 'busy', 'carrier', CALLS.ringing, event.carrier('busy')],
    ['no answer', 'no-answer', 'carrier', CALLS.ringing, event.carrier('no-answer')],
    ['failed', 'dial-failed', 'carrier', CALLS.placed, event.carrier('failed', { sipCode: 503 })],
    [
      'failed for a number that does not exist',
      'invalid-number',
      'carrier',
      CALLS.placed,
      event.carrier('failed', { sipCode: 404 }),
    ],
    ["canceled in the carrier's own console", 'dial-failed', 'carrier', CALLS.ringing, event.carrier('canceled')],
    ['refused for a wrong number', 'invalid-number', 'carrier', CALLS.dialing, event.refused({ code: 21_217 })],
    ['refused for good', 'carrier-rejected', 'carrier', CALLS.dialing, event.refused({ code: 21_215 })],
    ['refused for now', 'dial-failed', 'carrier', CALLS.unconfirmed, event.refused({ code: 20_500, retryable: true })],
    ['the stream broke', 'media-lost', 'carrier', CALLS.bridged, event.mediaClosed('lost')],
    ['the carrier stopped the stream', 'callee-hung-up', 'callee', CALLS.bridged, event.mediaClosed('stop')],
    [
      'the gateway closed and said why',
      'worker-shutdown',
      'platform',
      CALLS.bridged,
      event.mediaClosed('we', { cause: 'worker-shutdown' }),
    ],
    ['the gateway closed and said nothing', 'internal-error', 'platform', CALLS.bridged, event.mediaClosed('we')],
    ['the gateway is gone', 'gateway-lost', 'platform', CALLS.bridged, event.ownerLost()],
    ['a fax', 'voicemail', 'platform', CALLS.answered, event.answeredBy('fax')],
  ];
  it.each(causes)('%s → %s', (_, cause, by, call, happened) => {
    const over = endOf(call, happened, completed);
    expect(over).toMatchObject({ cause, by });
  });

  it("keeps the carrier's own code", () => {
    expect(endOf(CALLS.dialing, event.refused({ code: 21_211 }))).toMatchObject({
      disposition: 'failed',
      code: 21_211,
      proven: true,
    });
    expect(endOf(CALLS.ringing, event.carrier('busy', { sipCode: 486 }))).toMatchObject({ code: 486 });
    expect(endOf(CALLS.ringing, event.carrier('busy'))).toMatchObject({ code: null });
  });

  it('does not take a transferred leg of any length for one that the first time limit ended', () => {
    expect(endOf(CALLS.transferred, event.carrier('completed', { durationSec: 1_500 }))).toMatchObject({
      cause: 'transferred',
      endedBy: 'carrier',
    });
  });
});

describe('the owner while a call ends', () => {
  it('is told to close until it has closed', () => {
    expect(transition(CALLS.bridged, event.agentEnded()).call).toMatchObject({ owner: OWNER });
    expect(transition(CALLS.ending, event.mediaClosed('we')).call).toMatchObject({ state: 'ending', owner: null });
    expect(transition(CALLS.bridged, event.mediaClosed('stop')).call).toMatchObject({ state: 'ending', owner: null });
  });
  it('is kept when its lease ran out: a frozen gateway that thaws finds the order', () => {
    expect(transition(CALLS.bridged, event.ownerLost()).call).toMatchObject({ state: 'ending', owner: OWNER });
  });
});

describe('R8: an end that was only concluded', () => {
  const settledAt = (at: number): CallEvent => event.settled({ at });
  const stateAfter = (...events: CallEvent[]): Call =>
    events.reduce<Call>((now, next) => transition(now, next).call, CALLS.bridged);
  const direct = event.mediaClosed('we', { cause: 'agent-ended-call', by: 'agent', direct: true });

  it('waits for its gateway: after an outage of Redis the carrier may be heard first', () => {
    const waiting = stateAfter(completed, settledAt(LATER + 1_000));
    expect(waiting.state).toBe('settling');
    const { call, effects } = transition(waiting, direct);
    expect(effects.map(({ type }) => type)).toEqual(['wake-hangup']);
    expect(lastEnd(transition(call, settledAt(LATER + 1_001)).call)).toMatchObject({
      cause: 'agent-ended-call',
      by: 'agent',
      endedBy: 'gateway-direct',
      disposition: 'completed',
    });
  });

  it.each([
    ['the callee hung up', event.mediaClosed('stop'), { cause: 'callee-hung-up', by: 'callee', endedBy: 'carrier' }],
    ['the stream broke', event.mediaClosed('lost'), { cause: 'media-lost', by: 'carrier', endedBy: 'fall-through' }],
    [
      'it was told to close, and knows no more',
      event.mediaClosed('we'),
      { cause: 'callee-hung-up', by: 'callee', endedBy: 'carrier' },
    ],
    [
      'its fuse blew',
      event.mediaClosed('we', { cause: 'silence-timed-out', by: 'platform', fuse: true }),
      { cause: 'silence-timed-out', by: 'platform', endedBy: 'gateway' },
    ],
  ])('is what its gateway says: %s', (_, said, end) => {
    const told = stateAfter(completed, said, settledAt(LATER + 10));
    expect(told.state).toBe('ended');
    expect(lastEnd(told)).toMatchObject(end);
    expect(transition(told, direct).verdict).toBe('no-news');
  });

  it('is the fall-through if its gateway is silent for 8 s: a killed process says nothing', () => {
    const silent = stateAfter(completed, settledAt(LATER + 8_000));
    expect(silent.state).toBe('ended');
    expect(lastEnd(silent)).toMatchObject({ cause: 'gateway-lost', by: 'platform', endedBy: 'fall-through' });
  });

  it('may still be mended when a gateway that was only cut off comes back', () => {
    expect(endOf(CALLS.bridged, completed, settledAt(LATER + 9_000), direct)).toMatchObject({
      cause: 'agent-ended-call',
      endedBy: 'gateway-direct',
    });
    expect(endOf(CALLS.bridged, completed, settledAt(LATER + 9_000), event.mediaClosed('stop'))).toMatchObject({
      cause: 'callee-hung-up',
      endedBy: 'carrier',
    });
  });

  it('by a lease that ran out is mended too, but the end that the watchdog brought about stays its own', () => {
    const byWatchdog = event.carrier('completed', { endedBy: 'watchdog' });
    expect(endOf(CALLS.bridged, event.ownerLost(), direct, completed)).toMatchObject({
      cause: 'agent-ended-call',
      endedBy: 'gateway-direct',
    });
    expect(endOf(CALLS.bridged, event.ownerLost(), byWatchdog, direct)).toMatchObject({
      cause: 'agent-ended-call',
      endedBy: 'watchdog',
    });
    expect(endOf(CALLS.bridged, event.ownerLost(), byWatchdog, event.mediaClosed('stop'))).toMatchObject({
      cause: 'gateway-lost',
      endedBy: 'watchdog',
    });
  });

  it('knows why but not by whom, if the word came by a callback while we were ending it: the fuse may have been first', () => {
    const fuse = event.mediaClosed('we', { cause: 'agent-lost', by: 'platform', fuse: true });
    expect(endOf(CALLS.ending, completed, fuse)).toMatchObject({ cause: 'agent-ended-call', by: 'agent', endedBy: 'gateway' });
    expect(endOf(CALLS.ending, completed, event.mediaClosed('we'))).toMatchObject({ endedBy: 'hangup-worker' });
    expect(endOf(CALLS.ending, completed, event.mediaClosed('lost'))).toMatchObject({ endedBy: 'hangup-worker' });
    // Nobody is waited for: why it ended is known.
    const settled = transition(transition(CALLS.ending, completed).call, settledAt(LATER + 1));
    expect(settled.call.state).toBe('ended');
    const knows = event.carrier('completed', { endedBy: 'hangup-worker' });
    expect(transition(transition(CALLS.ending, knows).call, fuse).verdict).toBe('no-news');
  });

  it('is mended by the owner of that stream alone', () => {
    const other = event.mediaClosed('we', { cause: 'agent-ended-call', by: 'agent', direct: true, streamSid: OTHER_STREAM });
    expect(endOf(CALLS.bridged, completed, other)).toMatchObject({ cause: 'callee-hung-up' });
  });
});
