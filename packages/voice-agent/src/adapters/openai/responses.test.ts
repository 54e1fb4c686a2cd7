import { describe, expect, it } from 'vitest';
import { useBench } from './testing/bench.js';

describe('responses of OpenAI', () => {
  const bench = useBench();

  it('asks for exact words in quotation marks, without tools', async () => {
    const agent = await bench.begin();
    agent.say('Say "cheese" please.', { exact: true });
    await bench.until(() => bench.sent('response.create').length === 1);
    expect(bench.sent('response.create')[0]!['response']).toEqual({
      instructions: 'Say exactly: "Say \'cheese\' please."',
      tool_choice: 'none',
    });
  });

  it('answers a tool and lets the agent speak about it, with or without tools', async () => {
    const agent = await bench.begin();
    agent.toolResult('call_1', 'ok', { respond: true, withTools: false });
    agent.toolResult('call_2', 'ok', { respond: true });
    await bench.until(() => bench.sent('conversation.item.create').length === 2 && bench.sent('response.create').length === 1);
    expect(bench.sent('conversation.item.create')[0]!['item']).toEqual({
      type: 'function_call_output',
      call_id: 'call_1',
      output: 'ok',
    });
    expect(bench.sent('response.create')[0]!['response']).toEqual({ tool_choice: 'none' });
    bench.fixture.session().endResponse();
    await bench.until(() => bench.sent('response.create').length === 2);
    expect(bench.sent('response.create')[1]!['response']).toBeUndefined();
  });

  it('asks again when its response lost the race against one of the provider', async () => {
    const agent = await bench.begin();
    bench.fixture.behaves({ responds: false });
    agent.say('Mine.', { exact: true });
    await bench.until(() => bench.sent('response.create').length === 1);
    bench.fixture.session().startResponse();
    bench.fixture.session().send({
      type: 'error',
      error: { type: 'invalid_request_error', code: 'conversation_already_has_active_response', message: '', event_id: null },
    });
    await bench.settled();
    expect(bench.sent('response.create')).toHaveLength(1);
    bench.fixture.behaves({ responds: true });
    bench.fixture.session().endResponse();
    await bench.until(() => bench.sent('response.create').length === 2);
    expect(bench.sent('response.create')[1]!['response']).toMatchObject({ instructions: 'Say exactly: "Mine."' });
    expect(bench.record.of('error')[0]![1]).toMatchObject({ code: 'conversation_already_has_active_response', fatal: false });
  });

  it('asks again although it never hears of the response that it lost against', async () => {
    const agent = await bench.begin();
    bench.fixture.behaves({ responds: false });
    agent.say('Mine.', { exact: true });
    await bench.until(() => bench.sent('response.create').length === 1);
    const { event_id } = bench.sent('response.create')[0]!;
    bench.fixture
      .session()
      .send({ type: 'error', error: { code: 'conversation_already_has_active_response', message: '', event_id } });
    await bench.until(() => bench.sent('response.create').length === 2);
    expect(bench.sent('response.create')[1]!['response']).toMatchObject({ instructions: 'Say exactly: "Mine."' });
  });

  it('does not wait for ever behind a response that was refused', async () => {
    const agent = await bench.begin();
    bench.fixture.behaves({ responds: false });
    agent.say('Refused.', { exact: true });
    agent.say('Next.', { exact: true });
    await bench.until(() => bench.sent('response.create').length === 1);
    bench.fixture.session().send({
      type: 'error',
      error: { code: 'invalid_value', message: '', event_id: bench.sent('response.create')[0]!['event_id'] },
    });
    await bench.until(() => bench.sent('response.create').length === 2);
    expect(bench.sent('response.create')[1]!['response']).toMatchObject({ instructions: 'Say exactly: "Next."' });
  });

  it('does not take the late refusal of a cancel, a truncate or a delete for one of the response that it waits for', async () => {
    const agent = await bench.begin();
    const provider = bench.fixture.session();
    for (const [n, heardMs] of [300, 0].entries()) {
      provider.startResponse();
      provider.audio(new Uint8Array(4_000));
      await bench.until(() => bench.record.of('audio').length === n + 1);
      agent.interrupt({ itemId: bench.record.of('audio')[n]![2].itemId, heardMs });
      await bench.until(() => bench.sent('response.cancel').length === n + 1);
      provider.endResponse('cancelled');
      await bench.until(() => bench.record.of('turnDone').length === n + 1);
    }
    bench.fixture.behaves({ responds: false });
    agent.say('Mine.', { exact: true });
    agent.say('Next.', { exact: true });
    await bench.until(() => bench.sent('response.create').length === 1);
    const refused = ['response.cancel', 'conversation.item.truncate', 'conversation.item.delete'].flatMap(bench.sent);
    const ids = refused.map(({ event_id }) => event_id);
    expect([ids.length, new Set(ids).size, ids.every((id) => typeof id === 'string')]).toEqual([4, 4, true]);
    for (const event_id of ids) provider.send({ type: 'error', error: { code: 'invalid_value', message: '', event_id } });
    await bench.settled();
    expect(bench.sent('response.create')).toHaveLength(1);
    provider.startResponse();
    provider.endResponse();
    await bench.until(() => bench.sent('response.create').length === 2);
    expect(bench.sent('response.create')[1]!['response']).toMatchObject({ instructions: 'Say exactly: "Next."' });
  });

  it('does not ask again for a response that lost the race after last words had taken its place', async () => {
    const agent = await bench.begin();
    bench.fixture.behaves({ responds: false });
    agent.say('Replaced.', { exact: true });
    await bench.until(() => bench.sent('response.create').length === 1);
    agent.say('Goodbye.', { exact: true, last: true });
    bench.fixture.behaves({ responds: true });
    const { event_id } = bench.sent('response.create')[0]!;
    bench.fixture
      .session()
      .send({ type: 'error', error: { code: 'conversation_already_has_active_response', message: '', event_id } });
    await bench.until(() => bench.sent('response.create').length === 2);
    expect(bench.sent('response.create')[1]!['response']).toMatchObject({ instructions: 'Say exactly: "Goodbye."' });
    bench.fixture.session().endResponse();
    await bench.until(() => bench.record.of('turnDone').length === 1);
    await bench.settled();
    expect(bench.sent('response.create')).toHaveLength(2);
  });

  it('acts on a function call only when it is complete', async () => {
    await bench.begin();
    bench.fixture.session().startResponse();
    bench.fixture.session().functionCall({ call_id: 'call_1', name: 'end_call', arguments: '{"rea', status: 'incomplete' });
    bench.fixture.session().functionCall({ call_id: 'call_2', name: 'end_call', arguments: '{}', status: 'in_progress' });
    await bench.settled();
    expect(bench.record.of('toolCall')).toEqual([]);
  });

  it('finds a function call that only stands in response.done', async () => {
    await bench.begin();
    const id = bench.fixture.session().startResponse();
    const item = {
      type: 'function_call',
      status: 'completed',
      call_id: 'call_1',
      name: 'end_call',
      arguments: '{"reason":"done"}',
    };
    bench.fixture.session().send({ type: 'response.done', response: { id, status: 'completed', output: [item] } });
    await bench.until(() => bench.record.of('turnDone').length === 1);
    expect(bench.record.of('toolCall').map(([, call]) => call)).toEqual([
      { toolCallId: 'call_1', turnId: id, name: 'end_call', args: { reason: 'done' } },
    ]);
    expect(bench.record.seen.at(-1)![0]).toBe('turnDone');
  });

  it('tells what was said on both sides, growing, then whole', async () => {
    await bench.begin();
    bench.fixture.session().startResponse();
    const ids = { response_id: 'r', item_id: 'item_a' };
    bench.fixture.session().send({ type: 'response.output_audio_transcript.delta', ...ids, delta: 'Good' });
    bench.fixture.session().send({ type: 'response.output_audio_transcript.delta', ...ids, delta: 'bye' });
    bench.fixture.session().send({ type: 'response.output_audio_transcript.done', ...ids, transcript: 'Goodbye.' });
    bench.fixture.session().send({
      type: 'conversation.item.input_audio_transcription.completed',
      item_id: 'item_b',
      content_index: 0,
      transcript: 'Yes.',
    });
    await bench.settled();
    expect(bench.record.of('transcript').map(([, line]) => line)).toEqual([
      { role: 'agent', text: 'Good', final: false, itemId: 'item_a' },
      { role: 'agent', text: 'Goodbye', final: false, itemId: 'item_a' },
      { role: 'agent', text: 'Goodbye.', final: true, itemId: 'item_a' },
      { role: 'callee', text: 'Yes.', final: true, itemId: 'item_b' },
    ]);
  });

  it('tells a failed response with the code behind it', async () => {
    await bench.begin();
    bench.fixture.session().startResponse();
    bench.fixture
      .session()
      .endResponse('failed', { type: 'failed', error: { type: 'x', code: 'insufficient_quota', message: '' } });
    await bench.until(() => bench.record.of('turnDone').length === 1);
    expect(bench.record.of('turnDone')[0]![1]).toMatchObject({ status: 'failed', error: 'insufficient_quota' });
  });
});
