import { describe, expect, it } from 'vitest';
import { createFloor } from './floor.js';

describe('the floor', () => {
  it('is the agent’s from the callee’s last word to the end of its answer', () => {
    const floor = createFloor();
    expect([floor.agentOwes(), floor.isIdle()]).toEqual([false, true]);
    floor.calleeStarted();
    expect([floor.agentOwes(), floor.isIdle()]).toEqual([false, false]);
    floor.calleeStopped();
    expect([floor.agentOwes(), floor.isIdle()]).toEqual([true, false]);
    floor.turnStarted('t1');
    expect([floor.agentOwes(), floor.isIdle()]).toEqual([true, false]);
    floor.turnDone('t1', 'completed');
    expect([floor.agentOwes(), floor.isIdle()]).toEqual([false, true]);
  });

  it('an answer without a sound is an answer, one that failed is none', () => {
    const floor = createFloor();
    floor.calleeStopped();
    floor.turnDone('silent', 'completed');
    expect(floor.agentOwes()).toBe(false);
    floor.turnDone('failed', 'failed');
    expect(floor.agentOwes()).toBe(true);
  });

  it('a turn that the callee broke off does not answer what he said', () => {
    const floor = createFloor();
    floor.turnStarted('t1');
    floor.calleeStarted();
    floor.calleeStopped();
    floor.turnDone('t1', 'cancelled');
    expect(floor.agentOwes()).toBe(true);
  });

  it('a tool at work is nobody’s fault, its answer is to be spoken about', () => {
    const floor = createFloor();
    floor.toolCalled('a');
    floor.turnDone('t1', 'completed');
    expect([floor.agentOwes(), floor.isIdle()]).toEqual([false, false]);
    floor.toolAnswered('a', true);
    expect(floor.agentOwes()).toBe(true);
  });

  it.each([
    ['nothing', () => {}, { openTurns: [], respond: false }],
    ['a turn', (floor) => floor.turnStarted('t1'), { openTurns: ['t1'], respond: true }],
    ['an answer', (floor) => floor.calleeStopped(), { openTurns: [], respond: true }],
    ['a tool', (floor) => floor.toolCalled('x'), { openTurns: [], respond: true }],
    ['the callee’s words', (floor) => (floor.calleeStopped(), floor.calleeStarted()), { openTurns: [], respond: false }],
  ] satisfies [string, (floor: ReturnType<typeof createFloor>) => void, object][])(
    'with the session %s is lost',
    (_, before, expected) => {
      const floor = createFloor();
      before(floor);
      expect(floor.lost()).toEqual(expected);
      expect(floor.calleeIsSpeaking()).toBe(false);
    },
  );
});
