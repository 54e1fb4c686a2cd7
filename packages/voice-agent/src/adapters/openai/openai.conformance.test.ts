import { systemTimers } from '@onhook/service';
import { expect } from 'vitest';
import { describeVoiceAgent, startOpenAiFixture } from '../../conformance/index.js';
import { agentAt } from './testing/bench.js';

describeVoiceAgent('OpenAI Realtime', async ({ holdReady }) => {
  const fixture = await startOpenAiFixture();
  fixture.behaves({ configures: !holdReady });
  const audioOf = (frame: string): Buffer => Buffer.from((JSON.parse(frame) as { audio: string }).audio, 'base64');
  return {
    agent: agentAt(fixture.url),
    provider: {
      heard: () => Buffer.concat(fixture.session().appended.map(audioOf)),
      askedFor: () =>
        fixture
          .session()
          .events.filter(({ type }) => type === 'response.create')
          .map(({ response }) => /"(.*)"/.exec((response as { instructions: string }).instructions)?.[1] ?? ''),
      resumed() {
        const { events } = fixture.session();
        const messages = events
          .filter(({ type }) => type === 'conversation.item.create')
          .map(({ item }) => item as { role: string; content: { type: string; text: string }[] });
        const shapes = { assistant: 'output_text', user: 'input_text', system: 'input_text' };
        expect(messages.map(({ role, content }) => `${role} ${content[0]!.type}`)).toEqual(
          messages.map(({ role }) => `${role} ${shapes[role as keyof typeof shapes]}`),
        );
        return messages
          .filter(({ role }) => role !== 'system')
          .map(({ role, content }) => ({ role: role === 'user' ? 'callee' : 'agent', text: content[0]!.text }));
      },
      told: () =>
        fixture
          .session()
          .events.filter(({ type }) => type === 'conversation.item.create')
          .map(({ item }) => item as { type: string; role: string; content: { type: string; text: string }[] })
          .filter(({ type, role, content }) => type === 'message' && role === 'user' && content[0]?.type === 'input_text')
          .map(({ content }) => content[0]!.text),
      turnsAskedFor: () =>
        fixture.session().events.filter(({ type, response }) => type === 'response.create' && response === undefined).length,
      toolResults: () =>
        fixture
          .session()
          .events.filter(({ type }) => type === 'conversation.item.create')
          .map(({ item }) => item as { call_id: string; output: string })
          .map(({ call_id, output }) => ({ toolCallId: call_id, output })),
      startTurn: () => void fixture.session().startResponse(),
      speak: (audio) => fixture.session().audio(audio),
      endTurn: () => fixture.session().endResponse(),
      callTool: (call_id, name, args) => fixture.session().functionCall({ call_id, name, arguments: args }),
      calleeStarts: () =>
        fixture.session().send({ type: 'input_audio_buffer.speech_started', audio_start_ms: 1, item_id: 'item_callee' }),
      drop: () => fixture.session().cut(),
    },
    letReady: () => {
      fixture.behaves({ configures: true });
      fixture.sessions.at(-1)?.send({ type: 'session.updated', session: { id: 'sess_1' } });
    },
    pass: (ms) => systemTimers.sleep(ms),
    stop: () => fixture.stop(),
  };
});
