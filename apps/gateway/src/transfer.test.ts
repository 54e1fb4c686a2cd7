import type { RedirectOutcome } from '@onhook/carrier';
import { describe, expect, it } from 'vitest';
import { createCallBench } from './testing/call-bench.js';
import { announce, source, talking, tools, type Talk } from './testing/transfer-talk.js';

const FAILED = 'The transfer did not work. Apologise, and ask how else you can help.';

describe('a transfer', () => {
  it('is offered by name, and no number is ever shown to the model', async () => {
    const { session } = await talking();
    const tool = session.request.tools.find(({ name }) => name === 'transfer_call');
    expect(tool?.description).toContain('"nurse": Medical questions.');
    expect(tool?.parameters).toMatchObject({ properties: { target: { enum: ['desk', 'nurse'] } } });
    expect(JSON.stringify(session.request.tools)).not.toContain('+1415');
  });

  it('waits until its announcement was heard; then the intent is committed, then the carrier is asked, once', async () => {
    const talk = await talking();
    const { bench, callId, socket } = talk;
    announce(talk);
    await bench.time.advance(900);
    expect([bench.redirects, (await bench.record(callId)).state]).toEqual([[], 'bridged']);
    await bench.time.advance(200);
    expect(await bench.record(callId)).toMatchObject({ state: 'bridged', pending: { kind: 'transfer', targetId: 'desk' } });
    const [redirect] = bench.redirects;
    expect(redirect).toMatchObject({
      to: '+14155550177',
      from: '+14155550199',
      ringTimeoutSec: 20,
      limitSec: 600,
      statusCallbackUrl: `https://calls.example.com/carrier/twilio/transfer/${callId}/1`,
      afterUrl: `https://calls.example.com/carrier/twilio/after-transfer/${callId}/1`,
    });
    // 3.2 s of conversation so far.
    expect(redirect?.timeLimitSec).toBe(4 + 600 + 30);
    socket.hangUp();
    await bench.time.advance(100);
    expect(await bench.record(callId)).toMatchObject({ state: 'transferred', targetId: 'desk' });
    expect([talk.session.isClosed(), bench.hangUps, bench.redirects.length]).toEqual([true, [], 1]);
  });

  it('without an announcement begins at once', async () => {
    const talk = await talking();
    talk.session.callTool('transfer_call', { target: 'nurse' }, 't-1');
    talk.session.events.turnDone({ turnId: 't-1', status: 'completed' });
    await talk.bench.time.advance(10);
    expect(talk.bench.redirects).toMatchObject([{ to: '+14155550178' }]);
  });

  it('whose turn finds no end begins all the same', async () => {
    const talk = await talking();
    talk.session.callTool('transfer_call', { target: 'desk' }, 't-1');
    await talk.bench.time.advance(7_100);
    expect(talk.bench.redirects).toHaveLength(1);
  });

  it.each([
    ['to somebody who is no target', { target: 'ceo' }],
    ['to a number of the model’s own', { target: '+19005550100' }],
    ['to a property of objects', { target: 'constructor' }],
    ['to nobody', {}],
    ['that cannot be read', null],
  ])('%s is refused in words', async (_, args) => {
    const { bench, session, callId } = await talking();
    session.callTool('transfer_call', args, 't-1');
    await bench.time.advance(10);
    expect(session.toolOutputs).toEqual(['There is no such target. Targets: desk, nurse.']);
    expect([bench.redirects, (await bench.record(callId)).state]).toEqual([[], 'bridged']);
  });

  it('is called off by a callee who speaks into its announcement', async () => {
    const talk = await talking();
    announce(talk);
    await talk.bench.time.advance(500);
    talk.session.events.calleeStartedSpeaking();
    await talk.bench.time.advance(10_000);
    expect(talk.bench.redirects).toEqual([]);
    expect(talk.session.toolOutputs[0]).toMatch(/^The callee spoke/);
    expect(talk.session.toolResults[0]).toMatchObject({ respond: false });
  });

  it('is called off by a callee who presses a key into its announcement', async () => {
    const talk = await talking();
    announce(talk);
    await talk.bench.time.advance(500);
    const { streamSid } = talk;
    talk.socket.say({ event: 'dtmf', streamSid, sequenceNumber: '9', dtmf: { track: 'inbound_track', digit: '#' } });
    await talk.bench.time.advance(10_000);
    expect([talk.bench.redirects, talk.session.told]).toEqual([[], ['[The caller pressed #]']]);
    expect(talk.session.toolOutputs[0]).toMatch(/^The callee spoke/);
  });

  it('is called off by the first key of several, however late in the announcement it comes', async () => {
    const talk = await talking();
    announce(talk);
    await talk.bench.time.advance(900);
    const { streamSid } = talk;
    for (const digit of '12')
      talk.socket.say({ event: 'dtmf', streamSid, sequenceNumber: '9', dtmf: { track: 'inbound_track', digit } });
    await talk.bench.time.advance(10_000);
    expect([talk.bench.redirects, talk.session.told]).toEqual([[], ['[The caller pressed 1 2]']]);
  });

  it('that was called in a turn that the callee has broken off is not begun, and the model is told', async () => {
    const talk = await talking();
    talk.session.speak(1_000, { turnId: 't-1', itemId: 'i-1' }, { done: false });
    await talk.bench.time.advance(500);
    talk.session.events.calleeStartedSpeaking();
    talk.session.callTool('transfer_call', { target: 'desk' }, 't-1');
    talk.session.events.turnDone({ turnId: 't-1', status: 'cancelled' });
    await talk.bench.time.advance(10_000);
    expect(talk.bench.redirects).toEqual([]);
    expect(talk.session.toolOutputs).toEqual([
      'Not done: the callee spoke while you did. Listen, and call it again if it is still wanted.',
    ]);
    expect(talk.session.toolResults).toMatchObject([{ respond: false }]);
  });

  it('that the carrier refuses gives the conversation back: the agent says so, and the record knows that nothing runs', async () => {
    const talk = await talking(async () => ({ outcome: 'refused', reason: 'twilio-21220' }));
    announce(talk);
    await talk.bench.time.advance(1_200);
    expect(talk.session.toolOutputs).toEqual([FAILED]);
    expect(talk.session.toolResults).toMatchObject([{ respond: true }]);
    expect(await talk.bench.record(talk.callId)).toMatchObject({
      state: 'bridged',
      pending: { kind: 'none' },
      attempts: [{ transferAskedAt: null }],
    });
    // And may be tried again.
    talk.session.callTool('transfer_call', { target: 'nurse' }, 't-2', 'tool-2');
    talk.session.events.turnDone({ turnId: 't-2', status: 'completed' });
    await talk.bench.time.advance(10);
    expect(talk.bench.redirects).toHaveLength(2);
  });

  it('in doubt is waited for; if the stream is still there the conversation goes on, and a redirect that comes late is not hung up on', async () => {
    const talk = await talking(async () => ({ outcome: 'unclear', reason: 'timeout' }));
    announce(talk);
    await talk.bench.time.advance(4_000);
    expect(talk.session.toolOutputs).toEqual([]);
    await talk.bench.time.advance(1_200);
    expect(talk.session.toolOutputs).toEqual([FAILED]);
    expect(await talk.bench.record(talk.callId)).toMatchObject({ state: 'bridged', pending: { kind: 'none' } });
    talk.socket.hangUp();
    await talk.bench.time.advance(100);
    expect(await talk.bench.record(talk.callId)).toMatchObject({ state: 'transferred' });
    expect(talk.bench.wakes.filter(({ type }) => type === 'wake-hangup')).toEqual([]);
  });

  it('of a callee who hangs up in that very moment is known to have reached nobody', async () => {
    const talk = await talking(async () => {
      talk.socket.hangUp();
      await talk.bench.time.sleep(50);
      return { outcome: 'refused', reason: 'twilio-21220' };
    });
    announce(talk);
    await talk.bench.time.advance(1_500);
    expect(await talk.bench.record(talk.callId)).toMatchObject({ state: 'transferred', isUnreached: true });
  });

  it('cannot be committed while Redis is away: nothing is sent, and the conversation goes on', async () => {
    const talk = await talking();
    talk.bench.setRedisDown(true);
    announce(talk);
    await talk.bench.time.advance(1_200);
    expect([talk.bench.redirects, talk.session.toolOutputs]).toEqual([[], [FAILED]]);
    talk.bench.setRedisDown(false);
    await talk.bench.time.advance(1_000);
    expect(await talk.bench.record(talk.callId)).toMatchObject({ state: 'bridged', pending: { kind: 'none' } });
  });

  it('of a call that somebody is ending is not begun', async () => {
    const talk = await talking();
    await talk.bench.store.calls.apply(talk.callId, {
      type: 'end-asked',
      source: 'api',
      cause: 'operator-ended-call',
      by: 'operator',
    });
    announce(talk);
    await talk.bench.time.advance(1_200);
    expect(talk.bench.redirects).toEqual([]);
  });

  describe('while it is under way', () => {
    /** Asked of the carrier, whose answer takes a while. */
    async function underWay(outcome: RedirectOutcome = { outcome: 'asked' }): Promise<Talk> {
      const talk = await talking(async () => {
        await talk.bench.time.sleep(2_000);
        return outcome;
      });
      announce(talk);
      await talk.bench.time.advance(1_200);
      expect(talk.bench.redirects).toHaveLength(1);
      return talk;
    }

    it('end_call of the agent ends nothing', async () => {
      const talk = await underWay();
      talk.session.endCall('t-2', 'tool-2');
      await talk.bench.time.advance(500);
      expect(talk.session.toolOutputs).toEqual(['The call is being transferred: your part of it ends by itself.']);
      expect((await talk.bench.record(talk.callId)).state).toBe('bridged');
    });

    it('nor does end_call in the turn of the announcement', async () => {
      const talk = await talking();
      talk.session.speak(1_000, { turnId: 't-1', itemId: 'i-1' }, { done: false });
      talk.session.callTool('transfer_call', { target: 'desk' }, 't-1');
      talk.session.endCall('t-1', 'tool-2');
      talk.session.events.turnDone({ turnId: 't-1', status: 'completed' });
      await talk.bench.time.advance(1_200);
      expect(talk.bench.redirects).toHaveLength(1);
      expect(await talk.bench.record(talk.callId)).toMatchObject({ state: 'bridged', pending: { kind: 'transfer' } });
    });

    it.each([
      ['a lost agent', (talk: Talk) => talk.session.die(1_011, { retryable: false })],
      ['a gateway that stops', (talk: Talk) => void talk.bench.gateway.stop({ acceptMs: 0, goodbyeAfterMs: 0, endAfterMs: 0 })],
      ['a stream that falls silent', (talk: Talk) => talk.socket.stopFrames()],
    ])('%s ends nothing, and the redirect takes the stream', async (_, happens) => {
      const talk = await underWay();
      happens(talk);
      await talk.bench.time.advance(1_500);
      expect(await talk.bench.record(talk.callId)).toMatchObject({ state: 'bridged', pending: { kind: 'transfer' } });
      talk.socket.hangUp();
      await talk.bench.time.advance(100);
      expect((await talk.bench.record(talk.callId)).state).toBe('transferred');
    });

    it('a gateway that is lost closes its sockets and hangs up on nobody', async () => {
      const talk = await underWay();
      const abandoned = talk.bench.gateway.abandon();
      await talk.bench.time.advance(100);
      await abandoned;
      expect([talk.socket.isClosed(), talk.session.isClosed(), talk.bench.hangUps]).toEqual([true, true, []]);
      expect(await talk.bench.record(talk.callId)).toMatchObject({ state: 'transferred', targetId: 'desk' });
    });

    it('nor does it when the redirect has taken the stream a moment before', async () => {
      const talk = await underWay();
      talk.socket.hangUp();
      await talk.bench.gateway.abandon();
      await talk.bench.time.advance(100);
      expect(talk.bench.hangUps).toEqual([]);
      expect((await talk.bench.record(talk.callId)).state).toBe('transferred');
    });

    it('such a wish is kept, and done once the transfer has failed', async () => {
      const talk = await underWay({ outcome: 'refused', reason: 'twilio-21220' });
      talk.session.die(1_011, { retryable: false });
      await talk.bench.time.advance(700);
      expect((await talk.bench.record(talk.callId)).state).toBe('bridged');
      await talk.bench.time.advance(1_500);
      expect(await talk.bench.record(talk.callId)).toMatchObject({ state: 'ending', cause: 'agent-lost' });
    });

    it('an operator ends it all the same: the record decides', async () => {
      const talk = await underWay();
      await talk.bench.store.calls.apply(talk.callId, {
        type: 'end-asked',
        source: 'api',
        cause: 'operator-ended-call',
        by: 'operator',
      });
      expect(await talk.bench.record(talk.callId)).toMatchObject({ state: 'ending', cause: 'operator-ended-call' });
    });
  });

  it('is not offered without an address under which the carrier reaches us, nor without targets', async () => {
    const nowhere = await createCallBench({ source, tools: { ...tools, publicUrl: null } });
    const nobody = await createCallBench({ tools });
    for (const bench of [nowhere, nobody]) {
      const { session } = await bench.talking();
      expect(session.request.tools.map(({ name }) => name)).toEqual(['end_call']);
    }
  });
});
