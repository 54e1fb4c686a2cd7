import { createHash } from 'node:crypto';
import { silentLogger } from '@onhook/service';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { agentLines, calleeLines, createSpeech, type Heard, type Speech } from '../speech/index.js';
import { connectAdapter, gatewaySession, silenceOf, startProvider, type TestAdapter, type TestProvider } from './test-adapter.js';

const greeting = 'This is an automated AI assistant. Am I speaking with the right person?';
let speech: Speech;
let provider: TestProvider;

beforeAll(() => {
  speech = createSpeech({ logger: silentLogger });
});
afterAll(() => speech.close());
beforeEach(async () => {
  provider = await startProvider(speech);
});
afterEach(() => provider.close());

async function configured(model?: string, session: Record<string, unknown> = {}): Promise<TestAdapter> {
  const adapter = await connectAdapter(provider, { ...(model !== undefined && { model }) });
  await adapter.next('session.created');
  adapter.send('session.update', { session: { ...gatewaySession, ...session } });
  await adapter.next('session.updated');
  return adapter;
}
const soundOf = async (text: string): Promise<Uint8Array> => (await speech.line(text, 'rms')).audio;
async function callee(adapter: TestAdapter, text: string): Promise<void> {
  adapter.say(silenceOf(100), await soundOf(text), silenceOf(700));
}
const doneStatus = (event: { [field: string]: unknown }): unknown => (event['response'] as { status: string }).status;

describe('a conversation over the wire', () => {
  it('goes from the greeting to farewell and end_call, every line recognised by its sound', async () => {
    const adapter = await connectAdapter(provider, { headers: { 'x-onhook-call-id': 'call_c_1', 'x-onhook-attempt': '2' } });
    await adapter.next('session.created');
    adapter.send('session.update', { session: gatewaySession });
    await adapter.next('session.updated');
    adapter.send('response.create', { response: { instructions: `Say exactly: "${greeting}"` } });
    await adapter.next('response.done');

    const turns = [
      [calleeLines.thatIsMe, agentLines.reminder],
      [calleeLines.confirm, agentLines.anythingElse],
      [calleeLines.thatIsAll, agentLines.farewell],
    ] as const;
    for (const [says, answer] of turns) {
      await callee(adapter, says);
      const { item } = await adapter.next(
        'response.output_item.done',
        (event) => (event['item'] as { type: string }).type === 'message',
      );
      expect(item).toMatchObject({ status: 'completed', content: [{ type: 'output_audio', transcript: answer }] });
    }
    const { item } = await adapter.next('response.output_item.done');
    expect(item).toMatchObject({
      type: 'function_call',
      status: 'completed',
      name: 'end_call',
      arguments: '{"reason":"conversation-complete"}',
    });
    expect(doneStatus(await adapter.next('response.done'))).toBe('completed');

    // Transcripts come when they come, the last one perhaps after the call is over.
    const completed = 'conversation.item.input_audio_transcription.completed';
    const transcripts = (): unknown[] =>
      adapter.events.filter(({ type }) => type === completed).map(({ transcript }) => transcript);
    await expect.poll(transcripts, { timeout: 10_000 }).toEqual(turns.map(([says]) => says));

    // What arrived is, byte for byte, what the ledger says was generated: and it can be recognised by its sound.
    const heard: Heard[] = [];
    speech.createListener((one) => heard.push(one)).hear(adapter.audio(), 0);
    expect(heard.map(({ text, fromMs, toMs, ofMs }) => [text, fromMs, toMs === ofMs])).toEqual(
      [greeting, agentLines.reminder, agentLines.anythingElse, agentLines.farewell].map((text) => [text, 0, true]),
    );
    const farewell = provider.of('agent-spoke').at(-1)!;
    const audio = adapter.audio(farewell['itemId']);
    expect(farewell).toMatchObject({
      callId: 'call_c_1',
      attempt: '2',
      farewell: true,
      complete: true,
      bytes: audio.length,
      generatedMs: audio.length / 8,
      sha256: createHash('sha256').update(audio).digest('hex'),
      tailBase64: audio.subarray(-1_600).toString('base64'),
    });
    expect(audio.length / 8).toBeGreaterThanOrEqual(1500);
    expect(provider.of('agent-heard').map(({ text }) => text)).toEqual(turns.map(([says]) => says));
    expect(provider.of('agent-tool-call')).toMatchObject([{ name: 'end_call', callId: 'call_c_1' }]);
    adapter.close();
    await adapter.closed;
  });

  it('sends the events of a response in the order of the provider, in deltas that fit no telephone frame', async () => {
    const adapter = await configured('gpt-realtime#script=goodbye-at-once');
    await callee(adapter, calleeLines.hello);
    await adapter.next('rate_limits.updated');
    const order = adapter.types().filter((type) => !type.endsWith('delta') && !type.includes('transcription'));
    expect(order).toEqual([
      'session.created',
      'session.updated',
      'input_audio_buffer.speech_started',
      'input_audio_buffer.speech_stopped',
      'input_audio_buffer.committed',
      'conversation.item.added',
      'conversation.item.done',
      'response.created',
      'response.output_item.added',
      'conversation.item.added',
      'response.content_part.added',
      'response.output_audio.done',
      'response.output_audio_transcript.done',
      'response.content_part.done',
      'conversation.item.done',
      'response.output_item.done',
      'response.output_item.added',
      'conversation.item.added',
      'response.function_call_arguments.done',
      'conversation.item.done',
      'response.output_item.done',
      'response.done',
      'rate_limits.updated',
    ]);
    const sizes = adapter.events
      .filter(({ type }) => type === 'response.output_audio.delta')
      .map(({ delta }) => Buffer.from(String(delta), 'base64').length);
    expect(new Set(sizes).size).toBeGreaterThan(5);
    expect(sizes.slice(0, -1).every((size) => size >= 400 && size <= 1200 && size % 160 !== 0)).toBe(true);
    expect(new Set(adapter.events.map(({ event_id }) => event_id)).size).toBe(adapter.events.length);
    const { response } = adapter.events.find(({ type }) => type === 'response.done')!;
    expect(response).toMatchObject({ usage: { output_token_details: { audio_tokens: expect.any(Number) as number } } });
  });

  it('takes nothing for known that it has not heard: another voice of the same words is only speech', async () => {
    const adapter = await configured();
    const stranger = createSpeech({ logger: silentLogger });
    const { audio } = await stranger.line('Who is speaking, please?', 'awb');
    adapter.say(audio, silenceOf(700));
    const { transcript } = await adapter.next('conversation.item.input_audio_transcription.completed');
    expect(transcript).toMatch(/^\(speech \d\.\d s\)$/);
    await stranger.close();
  });

  it('hears how far a line came that was broken off', async () => {
    const adapter = await configured();
    const line = await soundOf(calleeLines.confirm);
    adapter.say(line.subarray(0, 8 * 700), silenceOf(700));
    const { transcript } = await adapter.next('conversation.item.input_audio_transcription.completed');
    expect(transcript).toMatch(/^Yes, .*…$/);
    const [heard] = provider.of('agent-heard');
    expect(Math.abs(Number(heard!['toMs']) - 700)).toBeLessThanOrEqual(4);
  });
});

describe('the endings', () => {
  async function untilTheEnd(script: string): Promise<TestAdapter> {
    const adapter = await configured(`gpt-realtime#script=${script}`);
    for (const line of [calleeLines.thatIsMe, calleeLines.confirm, calleeLines.thatIsAll]) {
      await callee(adapter, line);
      await adapter.next('response.done');
    }
    return adapter;
  }
  const outputs = (adapter: TestAdapter): string[] => {
    const { response } = adapter.events.findLast(({ type }) => type === 'response.done')!;
    return (response as { output: { type: string }[] }).output.map(({ type }) => type);
  };
  const giveOutput = async (adapter: TestAdapter, response = {}): Promise<void> => {
    const call = provider.of('agent-tool-call').at(-1)!;
    adapter.send('conversation.item.create', {
      item: { type: 'function_call_output', call_id: call['toolCallId'], output: '{}' },
    });
    await adapter.next('conversation.item.done');
    adapter.send('response.create', { response });
    await adapter.next('response.done');
  };

  it('calls first and says goodbye in the next response', async () => {
    const adapter = await untilTheEnd('call-then-audio');
    expect(outputs(adapter)).toEqual(['function_call']);
    await giveOutput(adapter);
    expect(outputs(adapter)).toEqual(['message']);
    expect(provider.of('agent-spoke').at(-1)).toMatchObject({ farewell: true, text: agentLines.farewell });
  });

  it('calls without a word, and says one only if it is told which', async () => {
    const adapter = await untilTheEnd('call-only');
    expect(outputs(adapter)).toEqual(['function_call']);
    await giveOutput(adapter, { tool_choice: 'none' });
    expect(outputs(adapter)).toEqual([]);
    adapter.send('response.create', { response: { instructions: 'Say exactly: Goodbye then.', tool_choice: 'none' } });
    await adapter.next('response.done');
    expect(provider.of('agent-spoke').at(-1)).toMatchObject({ farewell: true, text: 'Goodbye then.' });
  });

  it('says goodbye and forgets to call', async () => {
    expect(outputs(await untilTheEnd('farewell-only'))).toEqual(['message']);
    expect(provider.of('agent-spoke').at(-1)).toMatchObject({ farewell: true });
    expect(provider.of('agent-tool-call')).toEqual([]);
  });

  it('never ends', async () => {
    const adapter = await untilTheEnd('never-ends');
    await callee(adapter, calleeLines.thatIsAll);
    await adapter.next('response.done');
    expect(provider.of('agent-spoke').at(-1)).toMatchObject({ farewell: false, text: agentLines.stillThere });
  });

  it('follows the default script, the one named in the instructions, and one that was added', async () => {
    provider.agents.setDefaultScript('goodbye-at-once');
    const byDefault = await configured();
    await callee(byDefault, calleeLines.hello);
    await byDefault.next('response.done');
    expect(outputs(byDefault)).toEqual(['message', 'function_call']);
    provider.agents.addScript({ name: 'parrot', greeting: 'Polly.', steps: { any: [{ says: 'Cracker.' }] }, pace: 100 });
    const named = await configured(undefined, { instructions: 'Be kind. [script:parrot]' });
    await callee(named, calleeLines.hello);
    await named.next('response.done');
    expect(provider.of('agent-spoke').at(-1)).toMatchObject({ text: 'Cracker.' });
    expect(() => provider.agents.setDefaultScript('nope')).toThrow(RangeError);
    expect(() => provider.agents.addScript({ name: 'x', greeting: 'Hi', steps: { a: [{ next: 'b' }] } })).toThrow(
      'does not exist',
    );
  });
});

describe('interruption', () => {
  it('cancels the response on the first sound, closes its item, and answers what was said', async () => {
    const adapter = await configured('gpt-realtime#script=unhurried');
    adapter.send('response.create', { response: { instructions: `Say exactly: ${greeting} ${greeting} ${greeting}` } });
    await adapter.next('response.output_audio.delta');
    adapter.say((await soundOf(calleeLines.interrupt)).subarray(0, 4000));
    await adapter.next('input_audio_buffer.speech_started');
    const closing = [
      'response.output_audio.done',
      'response.output_audio_transcript.done',
      'response.content_part.done',
      'conversation.item.done',
    ];
    for (const type of closing) await adapter.next(type);
    const { item } = await adapter.next('response.output_item.done');
    expect(item).toMatchObject({ status: 'incomplete' });
    const { response } = await adapter.next('response.done');
    expect(response).toMatchObject({ status: 'cancelled', status_details: { type: 'cancelled', reason: 'turn_detected' } });
    expect(provider.of('agent-interrupted')).toHaveLength(1);
    expect(provider.of('agent-spoke')).toMatchObject([{ complete: false, bytes: adapter.audio().length }]);
  });

  it('speaks on if interrupt_response is off, and answers when it has finished', async () => {
    const input = { ...gatewaySession.audio.input, turn_detection: { type: 'server_vad', interrupt_response: false } };
    const adapter = await configured('gpt-realtime#script=unhurried', { audio: { ...gatewaySession.audio, input } });
    adapter.send('response.create', { response: { instructions: `Say exactly: ${greeting} ${greeting}` } });
    await adapter.next('response.output_audio.delta');
    await callee(adapter, calleeLines.thatIsMe);
    expect(doneStatus(await adapter.next('response.done'))).toBe('completed');
    expect(doneStatus(await adapter.next('response.done'))).toBe('completed');
    expect(provider.of('agent-spoke').at(-1)).toMatchObject({ text: agentLines.reminder });
  });

  it('truncates what was not heard, and refuses more than there was', async () => {
    const adapter = await configured();
    adapter.send('response.create', { response: { instructions: `Say exactly: ${greeting}` } });
    const { item_id } = await adapter.next('response.output_audio.delta');
    await adapter.next('response.done');
    const spokenMs = Number(provider.of('agent-spoke')[0]!['generatedMs']);
    adapter.send('conversation.item.truncate', { event_id: 'mine', item_id, content_index: 0, audio_end_ms: 57_340 });
    expect(await adapter.next('error')).toMatchObject({
      error: {
        type: 'invalid_request_error',
        message: `Audio content of ${spokenMs}ms is already shorter than 57340ms`,
        event_id: 'mine',
      },
    });
    adapter.send('conversation.item.truncate', { item_id, content_index: 0, audio_end_ms: 800 });
    expect(await adapter.next('conversation.item.truncated')).toMatchObject({ item_id, audio_end_ms: 800 });
    expect(provider.of('agent-truncated')).toMatchObject([{ audioEndMs: 800, itemId: item_id }]);
    adapter.send('conversation.item.truncate', { item_id: 'item_none', content_index: 0, audio_end_ms: 0 });
    await adapter.next('error', (event) => (event['error'] as { code: string }).code === 'item_truncate_invalid_item_id');
    await callee(adapter, calleeLines.hello);
    const { item_id: theirs } = await adapter.next('input_audio_buffer.committed');
    adapter.send('conversation.item.truncate', { item_id: theirs, content_index: 0, audio_end_ms: 0 });
    await adapter.next('error', (event) => (event['error'] as { code: string }).code === 'unsupported_content_type');
  });
});
