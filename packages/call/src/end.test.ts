import { describe, expect, it } from 'vitest';
import type { Call } from './call.js';
import type { CallEvent } from './event.js';
import { event, LATER } from './testing/events.js';
import { CALL_ID, CALLS, GATEWAY, HOUR, OWNER, POLICY, SID, SPREAD_MS, STREAM, T0 } from './testing/fixtures.js';
import { transition } from './transition.js';

const run = (call: Call, ...events: CallEvent[]): Call => events.reduce((now, next) => transition(now, next).call, call);
const wakeHangup = { type: 'wake-hangup', callId: CALL_ID };

describe('a call that is canceled while it waits', () => {
  it('ends canceled, without an attempt', () => {
    const { call, effects } = transition(CALLS.queued, event.endAsked({ cause: 'canceled' }));
    expect(call).toMatchObject({
      state: 'settling',
      attempts: [],
      owner: null,
      canceled: true,
      end: { at: LATER, disposition: 'canceled', cause: 'canceled', by: 'operator', endedBy: 'none', proven: true },
    });
    expect(effects).toEqual([wakeHangup]);
    expect(run(call, event.settled({ n: 0 }))).toMatchObject({ state: 'ended', endedAt: LATER });
  });

  it('keeps the end of the attempt before', () => {
    const ended = run(CALLS.waitingAgain, event.endAsked({ cause: 'canceled' }), event.settled());
    expect(ended).toMatchObject({
      state: 'ended',
      end: { disposition: 'canceled' },
      attempts: [{ over: { disposition: 'no-answer' } }],
    });
  });

  it('is not canceled by a gateway that speaks of an attempt which is over', () => {
    expect(run(CALLS.waitingAgain, event.agentEnded())).toMatchObject({ state: 'queued', goodbye: 'played' });
    expect(run(CALLS.settling, event.agentEnded())).toMatchObject({ state: 'settling', canceled: false, goodbye: 'played' });
  });
});

describe('an operator who ends a call ends the whole call', () => {
  const policy = { ...POLICY, redial: { ...POLICY.redial, on: ['no-answer', 'busy', 'failed', 'voicemail'] as const } };
  const redialable: Call = { ...CALLS.ringing, policy };

  it('while it rings: not dialed again, though the carrier says no-answer', () => {
    expect(run(redialable, event.endAsked(), event.carrier('no-answer'), event.settled()).state).toBe('ended');
  });

  it('while the ring timeout is ending the attempt', () => {
    const timedOut = run(redialable, event.deadlinePassed(T0 + 47_000));
    expect(run(timedOut, event.carrier('no-answer'), event.settled()).state).toBe('scheduled');
    expect(run(timedOut, event.endAsked(), event.carrier('no-answer'), event.settled()).state).toBe('ended');
  });

  it('while the attempt is being settled', () => {
    const busy = run(redialable, event.carrier('busy'));
    expect(run(busy, event.settled()).state).toBe('scheduled');
    expect(run(busy, event.endAsked(), event.settled()).state).toBe('ended');
  });

  it('but one who ends an attempt ends only that', () => {
    const busy = run(redialable, event.carrier('busy'));
    expect(run(busy, event.endAsked({ n: 1 }), event.settled()).state).toBe('scheduled');
  });
});

describe('last words', () => {
  it('are said first: the gateway is told, by the name of the call alone', () => {
    const { call, verdict, effects } = transition(CALLS.bridged, event.endAsked({ words: 'Goodbye now.', at: T0 + 50_000 }));
    expect(verdict).toBe('noted');
    expect(call).toMatchObject({
      state: 'bridged',
      deadline: T0 + 70_000,
      pending: { kind: 'words', words: 'Goodbye now.', cause: 'operator-ended-call', by: 'operator' },
    });
    expect(effects).toEqual([
      { type: 'order', gatewayId: GATEWAY, order: { type: 'say-and-end', callId: CALL_ID, streamSid: STREAM } },
    ]);
  });

  it('do not outlast the longest duration', () => {
    expect(run(CALLS.bridged, event.endAsked({ words: 'Bye.', at: T0 + 619_000 })).deadline).toBe(T0 + 620_000);
  });

  it('that are never said end with the call all the same', () => {
    expect(run(CALLS.speakingLastWords, event.deadlinePassed(T0 + 40_000))).toMatchObject({
      state: 'ending',
      cause: 'operator-ended-call',
      by: 'operator',
      trigger: 'watchdog',
      owner: OWNER,
      canceled: true,
    });
  });

  it('have nobody to say them before the stream or after a transfer', () => {
    for (const call of [CALLS.answered, CALLS.transferring, CALLS.transferred]) {
      expect(run(call, event.endAsked({ words: 'Bye.' })).state).toBe('ending');
    }
  });

  it('are gone from the record with the conversation', () => {
    expect(JSON.stringify(run(CALLS.speakingLastWords, event.agentEnded()))).not.toContain('We must end here.');
  });
});

describe('an end that was asked for', () => {
  it('begins at once and repeats its rounds', () => {
    let call = run(CALLS.bridged, event.agentEnded({ at: T0 + 100_000 }));
    expect(call).toMatchObject({ state: 'ending', askedAt: T0 + 100_000, rounds: 0, goodbye: 'played', canceled: false });
    const waits: number[] = [];
    let at = T0 + 100_000;
    for (let round = 1; round <= 5; round++) {
      waits.push((call.deadline ?? 0) - at);
      at = call.deadline ?? 0;
      const passed = transition(call, event.deadlinePassed(at));
      expect([passed.verdict, passed.effects]).toEqual(['noted', [wakeHangup]]);
      call = passed.call;
      expect(call).toMatchObject({ rounds: round });
    }
    expect(waits).toEqual([1_000, 2_000, 4_000, 4_000, 4_000].map((wait) => wait + SPREAD_MS));
  });

  it('is given up, aloud and unproven, only when the carrier must have ended the leg', () => {
    const limit = T0 + 10_000 + 630_000 + 60_000;
    const tried: Call = { ...CALLS.ending, rounds: 100, deadline: limit - 1 };
    expect(run(tried, event.deadlinePassed(limit - 1))).toMatchObject({ state: 'ending', deadline: limit });
    const { call, effects } = transition({ ...tried, deadline: limit }, event.deadlinePassed(limit));
    expect(call.attempts[0]?.over).toEqual({
      at: limit,
      disposition: 'unknown',
      cause: 'agent-ended-call',
      by: 'agent',
      endedBy: 'none',
      proven: false,
      code: null,
    });
    expect(effects).toEqual([wakeHangup, { type: 'alarm', callId: CALL_ID, what: 'end-unproven' }]);
    expect(run(call, event.settled())).toMatchObject({ state: 'ended' });
  });

  it('is not given up by an outage of ours: the carrier is asked three times more', () => {
    let call: Call = CALLS.ending;
    let at = T0 + 10 * HOUR;
    const seen: string[] = [];
    for (let i = 0; i < 4; i++) {
      call = run(call, event.deadlinePassed(call.deadline ?? 0, at));
      seen.push(call.state);
      at += 10_000;
    }
    expect(seen).toEqual(['ending', 'ending', 'ending', 'settling']);
  });

  it('waits for the limit that a redirect may have raised', () => {
    const transferred: Call = { ...CALLS.ending, attempts: CALLS.transferred.attempts, rounds: 100, deadline: T0 + 1_000_000 };
    expect(run(transferred, event.deadlinePassed(T0 + 1_000_000)).state).toBe('ending');
    const limit = T0 + 30_000 + 1_830_000 + 60_000;
    expect(run({ ...transferred, deadline: limit }, event.deadlinePassed(limit)).state).toBe('settling');
  });

  it('learns from a refused stream that the leg was answered, and waits longer for it', () => {
    const answered = run(CALLS.endingUnbound, event.streamStarted({ at: T0 + 90_000 }));
    expect(answered.attempts[0]).toMatchObject({ answeredAt: T0 + 90_000, bridgedAt: null });
  });
});

describe('settling', () => {
  it('is repeated until somebody has settled it', () => {
    const waits: number[] = [];
    let call: Call = CALLS.settling;
    for (let i = 0; i < 7; i++) {
      const at = call.deadline ?? 0;
      const passed = transition(call, event.deadlinePassed(at));
      expect(passed.effects).toEqual([wakeHangup]);
      call = passed.call;
      waits.push((call.deadline ?? 0) - at);
    }
    expect(waits).toEqual([4_000, 8_000, 16_000, 32_000, 60_000, 60_000, 60_000]);
  });

  it('settles itself, aloud, when everything that it had to free has run out', () => {
    const leaseEnd = T0 + 30_000 + 2_440_000 + 60_000;
    const waiting: Call = { ...CALLS.settling, rounds: 10, deadline: leaseEnd - 1 };
    expect(run(waiting, event.deadlinePassed(leaseEnd - 1)).state).toBe('settling');
    const { call, effects } = transition({ ...waiting, deadline: leaseEnd }, event.deadlinePassed(leaseEnd));
    expect(call.state).toBe('ended');
    expect(effects).toEqual([{ type: 'alarm', callId: CALL_ID, what: 'settled-by-itself' }]);
    // Not because of an outage of ours: then nobody has tried yet.
    expect(run(CALLS.settling, event.deadlinePassed(T0 + 92_000, T0 + 10 * HOUR)).state).toBe('settling');
  });

  it('is ended by the settlement of this attempt only', () => {
    expect(transition(CALLS.settling, event.settled({ n: 0 })).verdict).toBe('no-news');
    expect(transition(CALLS.settling, event.settled({ n: 2 })).verdict).toBe('no-news');
  });

  it("leaves no trace of the conversation's state in the ended record", () => {
    const ended = run(CALLS.settling, event.settled());
    expect(Object.keys(ended).sort()).toEqual(Object.keys(CALLS.ended).sort());
  });
});

describe('facts', () => {
  it('come at any time, after the end too, and the first goodbye stays', () => {
    const recorded = run(CALLS.ended, event.noted({ goodbye: 'played' }));
    expect(recorded).toMatchObject({ state: 'ended', goodbye: 'played', recording: { durationMs: 61_000 } });
    expect(transition(recorded, event.noted({ goodbye: 'timeout', recordingMs: 5 }))).toMatchObject({
      verdict: 'no-news',
      call: recorded,
    });
    expect(
      run(CALLS.ending, event.agentEnded({ goodbye: 'callee-hangup' }), event.agentEnded({ goodbye: 'played' })).goodbye,
    ).toBe('callee-hangup');
  });

  it('keep what was measured first, also beside facts that are known', () => {
    const measured = { answerToFirstAudioMs: 420, turnLatencyMs: [640, 710] };
    const told = run(CALLS.ended, event.noted({ goodbye: 'played', measured }));
    expect(told).toMatchObject({ goodbye: 'played', measured });
    const other = event.noted({ goodbye: 'played', measured: { ...measured, answerToFirstAudioMs: 9 } });
    expect(transition(told, other)).toMatchObject({ verdict: 'no-news', call: told });
  });

  it('keep the first verdict on who answered', () => {
    const human = run(CALLS.bridged, event.answeredBy('human'));
    expect(human.answeredBy).toBe('human');
    expect(transition(human, event.answeredBy('machine'))).toMatchObject({ verdict: 'no-news', call: human });
  });
});

describe('a machine that answers', () => {
  it('is hung up on only if the policy says so', () => {
    for (const voicemail of ['continue', 'leave-message'] as const) {
      const call: Call = { ...CALLS.bridged, policy: { ...POLICY, voicemail } };
      const { call: after, effects } = transition(call, event.answeredBy('machine'));
      expect(after).toMatchObject({ state: 'bridged', answeredBy: 'machine' });
      expect(effects).toEqual([
        { type: 'order', gatewayId: GATEWAY, order: { type: 'answered-by', callId: CALL_ID, streamSid: STREAM, who: 'machine' } },
      ]);
    }
    expect(run(CALLS.bridged, event.answeredBy('machine'))).toMatchObject({
      state: 'ending',
      cause: 'voicemail',
      by: 'platform',
    });
    expect(run(CALLS.bridged, event.answeredBy('unknown'))).toMatchObject({ state: 'bridged', answeredBy: 'unknown' });
  });

  it('proves that the call was answered when that callback was lost', () => {
    expect(run(CALLS.ringing, event.answeredBy('human'))).toMatchObject({
      state: 'answered',
      answeredBy: 'human',
      attempts: [{ sid: SID, answeredAt: LATER }],
    });
  });
});
