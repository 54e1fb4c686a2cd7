import { describe, expect, it } from 'vitest';
import { createVirtualTime } from '@onhook/service/virtual-time';
import { anOpenSession, describeVoiceAgent, recordEvents } from '../../conformance/index.js';
import { createScriptedAgent } from './scripted-agent.js';

describeVoiceAgent('the scripted agent', async ({ holdReady }) => {
  const time = createVirtualTime();
  const agent = createScriptedAgent({ timers: time, readyAfterMs: holdReady ? null : 0, speaksWhenAsked: false });
  return {
    agent,
    provider: {
      heard: () => Buffer.concat(agent.session().heard),
      askedFor: () => agent.session().said.map(({ words }) => words),
      toolResults: () => agent.session().toolResults.map(({ toolCallId, output }) => ({ toolCallId, output })),
      told: () => agent.session().told,
      turnsAskedFor: () => agent.session().turnsAskedFor(),
      resumed: () => agent.session().request.resume?.lines ?? [],
      startTurn: () => void agent.session().startTurn(),
      speak: (audio) => agent.session().speak(audio),
      endTurn: () => agent.session().endTurn(),
      callTool: (id, name, args) =>
        agent.session().callTool(name, args.startsWith('{') ? (JSON.parse(args) as Record<string, unknown>) : null, id),
      calleeStarts: () => agent.session().calleeStarts(),
      drop: () => agent.session().drop(),
    },
    letReady: () => agent.session().becomeReady(),
    pass: (ms) => time.advance(ms),
    stop: async () => undefined,
  };
});

describe('the scripted agent by itself', () => {
  it('says what it is asked for, and plays a turn each time the callee has spoken', async () => {
    const time = createVirtualTime();
    const agent = createScriptedAgent({
      timers: time,
      turns: [{ says: 'Bye.', tool: { name: 'end_call', args: { reason: 'done' } } }],
    });
    const record = recordEvents();
    const session = agent.open(anOpenSession(), record.events);
    await time.advance(1);
    session.say('Hello.', { exact: true });
    await time.advance(1);
    session.calleeStops();
    await time.advance(1);
    expect(record.of('transcript').map(([, line]) => line.text)).toEqual(['Hello.', 'Bye.']);
    expect(record.of('turnDone')).toHaveLength(2);
    expect(record.of('toolCall').map(([, call]) => [call.turnId, call.name])).toEqual([['turn_2', 'end_call']]);
    const bytes = record.of('audio').reduce((sum, [, audio]) => sum + audio.length, 0);
    expect(bytes).toBe((6 + 4) * 60 * 8);
  });
});
