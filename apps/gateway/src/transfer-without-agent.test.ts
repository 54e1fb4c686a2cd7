import { describe, expect, it } from 'vitest';
import { announce, talking } from './testing/transfer-talk.js';

describe('a transfer', () => {
  it('whose agent is lost while announcing it goes on behind what was announced: nobody apologises, no session is opened', async () => {
    const talk = await talking();
    const { bench, session, callId, socket } = talk;
    session.speak(1_000, { turnId: 't-1', itemId: 'i-1' }, { done: false });
    session.callTool('transfer_call', { target: 'desk' }, 't-1');
    await bench.time.advance(500);
    session.die();
    await bench.time.advance(400);
    expect(bench.redirects).toEqual([]);
    await bench.time.advance(200);
    expect([bench.redirects.length, bench.agent.sessions.length]).toEqual([1, 1]);
    expect(await bench.record(callId)).toMatchObject({ state: 'bridged', pending: { kind: 'transfer' } });
    socket.hangUp();
    await bench.time.advance(100);
    expect(await bench.record(callId)).toMatchObject({ state: 'transferred', targetId: 'desk' });
  });

  it('whose agent is lost while its announcement is being heard goes on too; if it fails, the call ends', async () => {
    const talk = await talking(async () => ({ outcome: 'refused', reason: 'twilio-21220' }));
    announce(talk);
    await talk.bench.time.advance(500);
    talk.session.die(1_011, { retryable: false });
    await talk.bench.time.advance(400);
    expect(await talk.bench.record(talk.callId)).toMatchObject({ state: 'bridged', pending: { kind: 'none' } });
    await talk.bench.time.advance(300);
    expect(talk.bench.redirects).toHaveLength(1);
    expect(await talk.bench.record(talk.callId)).toMatchObject({ state: 'ending', cause: 'agent-lost' });
  });
});
