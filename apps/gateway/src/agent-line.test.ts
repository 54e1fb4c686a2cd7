import { agentSchema, newCallId } from '@onhook/contracts';
import { silentLogger, systemChance } from '@onhook/service';
import { createVirtualTime } from '@onhook/service/virtual-time';
import { describe, expect, it } from 'vitest';
import { createAgentLine, type AgentLine } from './agent-line.js';
import { createFakeAgent, type FakeAgent } from './testing/fake-agent.js';
import type { TurnEvents } from './turns.js';

async function begin(): Promise<{ line: AgentLine; agent: FakeAgent; turns: string[]; advance: (ms: number) => Promise<void> }> {
  const time = createVirtualTime();
  const agent = createFakeAgent();
  const turns: string[] = [];
  const heard = (name: string) => (): void => void turns.push(name);
  const events: TurnEvents = {
    audio: heard('audio'),
    audioDone: heard('audioDone'),
    turnDone: ({ turnId, status }) => void turns.push(`${turnId} ${status}`),
    calleeStartedSpeaking: heard('calleeStartedSpeaking'),
    calleeStoppedSpeaking: heard('calleeStoppedSpeaking'),
    transcript: heard('transcript'),
    toolCall: heard('toolCall'),
  };
  const line = createAgentLine({
    turns: events,
    onReady: () => {},
    onResumed: () => {},
    onLost: heard('lost'),
    hasSpoken: () => true,
    said: () => [],
    isEnding: () => false,
    isHeardOut: () => true,
    isOpen: () => true,
    timers: time,
    elapsedMs: () => time.monotonicMs(),
    guarded: (run) => run(),
    logger: silentLogger,
    readyWithinMs: 5_000,
  });
  line.open(agent, {
    callId: newCallId('a', systemChance.uuidv7()),
    attempt: 1,
    agent: agentSchema.parse({ id: 'demo', name: 'Demo', instructions: 'Talk.', greeting: 'Hello.' }),
    variables: {},
    tools: [],
  });
  await time.advance(0);
  return { line, agent, turns, advance: time.advance };
}

describe('the line to the agent', () => {
  it('ends what a lost session had begun, so that nothing waits for it', async () => {
    const { agent, turns, advance } = await begin();
    agent.last().speak(100, { turnId: 't1', itemId: 'i1' }, { done: false });
    agent.last().events.calleeStartedSpeaking();
    agent.last().die();
    await advance(0);
    expect(turns.slice(-2)).toEqual(['t1 incomplete', 'calleeStoppedSpeaking']);
    expect(agent.sessions).toHaveLength(2);
  });

  it('answers a tool that a lost session had called in words, as the new one does not know the call', async () => {
    const { line, agent, advance } = await begin();
    agent.last().callTool('look_up', {}, 't1', 'tool-1');
    agent.last().callTool('note', {}, 't1', 'tool-2');
    agent.last().die();
    await advance(0);
    line.answerTool('tool-1', { output: '42', respond: true });
    line.answerTool('tool-2', { output: 'noted', respond: false });
    expect(agent.last().toolResults).toEqual([]);
    expect(agent.last().told).toEqual(['[A tool that was called before the interruption has answered: 42]']);
    agent.last().callTool('look_up', {}, 't2', 'tool-3');
    line.answerTool('tool-3', { output: '43', respond: true });
    expect(agent.last().toolResults).toMatchObject([{ toolCallId: 'tool-3' }]);
  });

  it('is closed when the last of its sockets is, whichever that was', async () => {
    const { line, agent, advance } = await begin();
    let isClosed = false;
    void line.closed.then(() => (isClosed = true));
    agent.last().die();
    await advance(0);
    expect(isClosed).toBe(false);
    line.close('call over');
    await advance(0);
    expect(isClosed).toBe(true);
    expect(agent.sessions.map((session) => session.isClosed())).toEqual([true, true]);
  });
});
