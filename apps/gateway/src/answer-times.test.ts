import { describe, expect, it } from 'vitest';
import { createAnswerTimes } from './answer-times.js';

describe('how long the callee waits', () => {
  it('is counted from the end of their speech to the first audio of the answer, once a turn', () => {
    const times = createAnswerTimes();
    expect(times.sent('greeting', 380.4)).toBeNull();
    times.calleeStarted();
    times.calleeStopped(2_000);
    expect(times.sent('t2', 2_650.2)).toBe(650);
    expect(times.sent('t2', 3_000)).toBeNull();
    times.calleeStarted();
    times.calleeStopped(6_000);
    expect(times.sent('t3', 6_400)).toBe(400);
    expect(times.firstAudioAtMs()).toBe(380);
    expect(times.latenciesMs()).toEqual([650, 400]);
  });

  it('does not count what the agent says of itself, nor what it says into the speech of the callee', () => {
    const times = createAnswerTimes();
    times.calleeStarted();
    times.calleeStopped(1_000);
    times.sent('t1', 1_500);
    times.sent('t2', 9_000);
    times.calleeStarted();
    times.sent('t3', 10_000);
    expect(times.latenciesMs()).toEqual([500]);
  });

  it('is bounded on the record', () => {
    const times = createAnswerTimes();
    for (let i = 0; i < 500; i++) {
      times.calleeStopped(i);
      times.sent(`t${i}`, i + 1);
    }
    expect(times.latenciesMs()).toHaveLength(200);
  });
});
