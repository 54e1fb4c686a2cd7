import { describe, expect, it } from 'vitest';
import { createCallBench, type CallBench } from './testing/call-bench.js';
import type { FakeSession } from './testing/fake-agent.js';

/** The agent says at once what it is asked to say, 1.5 s each time. Returns what it was asked. */
function obedient(bench: CallBench, session: FakeSession): () => string[] {
  let done = session.said.length;
  bench.time.every(100, () => {
    for (; done < session.said.length; done++) session.speak(1_500, { turnId: `asked-${done}`, itemId: `asked-item-${done}` });
  });
  const from = done;
  return () => session.said.slice(from).map(({ words }) => words);
}

describe('a call in which nobody speaks', () => {
  it('is asked twice, hears a goodbye to its end, and is over', async () => {
    const bench = await createCallBench();
    const { session, callId } = await bench.talking();
    const asked = obedient(bench, session);
    await bench.time.advance(29_000);
    expect(asked()).toEqual(['Are you still there?', 'Are you still there?']);
    expect((await bench.record(callId)).state).toBe('bridged');
    await bench.time.advance(7_000);
    expect(asked().at(-1)).toBe('I cannot hear you, so I will hang up now. Goodbye.');
    expect(await bench.record(callId)).toMatchObject({
      state: 'ending',
      cause: 'silence-timed-out',
      by: 'platform',
      goodbye: 'played',
    });
  });

  it('goes on with the first word that is said', async () => {
    const bench = await createCallBench();
    const { session, callId } = await bench.talking();
    const asked = obedient(bench, session);
    await bench.time.advance(25_000);
    expect(asked()).toHaveLength(2);
    session.events.calleeStartedSpeaking();
    await bench.time.advance(2_000);
    session.events.calleeStoppedSpeaking();
    session.speak(3_000, { turnId: 'answer', itemId: 'answer' });
    await bench.time.advance(22_000);
    expect(asked()).toHaveLength(3);
    expect((await bench.record(callId)).state).toBe('bridged');
  });
});

describe('a call that takes as long as it may', () => {
  async function talkOn(maxDurationSec: number) {
    const bench = await createCallBench({ policy: { maxDurationSec } });
    const { session, callId } = await bench.talking();
    const asked = obedient(bench, session);
    let count = 0;
    const talk = bench.time.every(4_000, () => session.speak(1_000, { turnId: `t-${++count}`, itemId: `i-${count}` }));
    return { bench, callId, asked, talk };
  }

  it('is told a minute before, says goodbye in its last seconds, and ends at its longest duration', async () => {
    const { bench, callId, asked, talk } = await talkOn(180);
    await bench.time.advance(116_000);
    expect(asked()).toEqual([]);
    await bench.time.advance(4_000);
    expect(asked()).toEqual(['I am afraid we have only about one minute left.']);
    await bench.time.advance(51_500);
    talk.cancel();
    expect((await bench.record(callId)).state).toBe('bridged');
    await bench.time.advance(6_000);
    expect(asked().at(-1)).toBe('Our time is up. Thank you for your time. Goodbye.');
    expect(await bench.record(callId)).toMatchObject({ state: 'ending', cause: 'max-duration', goodbye: 'played' });
  });

  it('ends soon after it though the agent does not say a word of goodbye', async () => {
    const bench = await createCallBench();
    const { callId, session } = await bench.talking();
    // Somebody who never stops to speak.
    session.events.calleeStartedSpeaking();
    await bench.time.advance(52_500);
    expect((await bench.record(callId)).state).toBe('bridged');
    await bench.time.advance(6_000);
    expect(await bench.record(callId)).toMatchObject({ state: 'ending', cause: 'max-duration', goodbye: 'none' });
  });
});
