import { createVirtualTime } from '@onhook/service/virtual-time';
import { describe, expect, it } from 'vitest';
import { createGoodbyeWatch } from './goodbye-watch.js';

function bench({ quietMs = 6_000 } = {}) {
  const time = createVirtualTime();
  let unheardMs = 0;
  let ends = 0;
  const watch = createGoodbyeWatch({
    timers: time,
    elapsedMs: () => time.monotonicMs(),
    unheardMs: () => unheardMs,
    quietMs,
    guarded: (run) => run(),
    leftUnsaid: () => ends++,
  });
  return { time, watch, ends: () => ends, unheard: (ms: number) => void (unheardMs = ms) };
}

describe('a goodbye without end_call', () => {
  it('ends the call when it was heard and nobody has spoken for six seconds, once', async () => {
    const { time, watch, ends, unheard } = bench();
    unheard(1_000);
    watch.turnDone(true);
    await time.advance(10_000);
    expect(ends()).toBe(0);
    unheard(0);
    await time.advance(5_500);
    expect(ends()).toBe(0);
    await time.advance(1_000);
    expect(ends()).toBe(1);
    await time.advance(60_000);
    expect(ends()).toBe(1);
  });

  it('does not end a call whose agent said something else', async () => {
    const { time, watch, ends } = bench();
    watch.turnDone(false);
    await time.advance(60_000);
    expect(ends()).toBe(0);
  });

  it('waits as long as the callee speaks, and for the agent to answer', async () => {
    const { time, watch, ends } = bench();
    watch.turnDone(true);
    await time.advance(3_000);
    watch.calleeStarted();
    await time.advance(20_000);
    watch.calleeStopped();
    watch.calleeSaid('Wait, what about Tuesday?');
    await time.advance(20_000);
    expect(ends()).toBe(0);
  });

  it('takes a goodbye of the callee for what it is', async () => {
    const { time, watch, ends } = bench();
    watch.turnDone(true);
    await time.advance(1_000);
    watch.calleeStarted();
    await time.advance(1_000);
    watch.calleeStopped();
    watch.calleeSaid('Okay, bye!');
    await time.advance(5_500);
    expect(ends()).toBe(0);
    await time.advance(1_000);
    expect(ends()).toBe(1);
  });

  it('begins anew with every turn of the agent, and never if it is switched off', async () => {
    const { time, watch, ends } = bench();
    watch.turnDone(true);
    await time.advance(5_000);
    watch.agentSpoke();
    await time.advance(60_000);
    expect(ends()).toBe(0);
    const off = bench({ quietMs: 0 });
    off.watch.turnDone(true);
    await off.time.advance(60_000);
    expect(off.ends()).toBe(0);
  });

  it('leaves no timer behind', async () => {
    const { time, watch, ends } = bench();
    watch.turnDone(true);
    watch.stop();
    await time.advance(60_000);
    expect(ends()).toBe(0);
  });
});
