import { silentLogger } from '@onhook/service';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { WebSocket } from 'ws';
import { agentLines, calleeLines, createSpeech, type Speech } from '../speech/index.js';
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

describe('what is refused', () => {
  it('lets nobody in without a key, to another path, or without a model', async () => {
    const answer = (url: string, headers = {}): Promise<number | undefined> =>
      new Promise((resolve) => {
        const socket = new WebSocket(url, { headers });
        socket.on('unexpected-response', (request, response) => {
          resolve(response.statusCode);
          request.destroy();
        });
        socket.on('error', () => undefined);
      });
    expect(await answer(`${provider.url}?model=x`)).toBe(401);
    expect(await answer(provider.url, { Authorization: 'Bearer k' })).toBe(400);
    expect(await answer(`${provider.url}/else?model=x`, { Authorization: 'Bearer k' })).toBe(404);
    expect(await answer(`${provider.url}?model=x%23dance%3D1`, { Authorization: 'Bearer k' })).toBe(400);
    expect(provider.agents.sessions()).toBe(0);
  });

  it('turns the beta protocol away with its error and close code 4000', async () => {
    const adapter = await connectAdapter(provider, { headers: { 'OpenAI-Beta': 'realtime=v1' } });
    expect(await adapter.closed).toEqual({ code: 4000, reason: 'beta_api_shape_disabled' });
    expect(adapter.events).toMatchObject([{ type: 'error', error: { code: 'beta_api_shape_disabled' } }]);
  });

  it('names the first mistake of an event, changes nothing, and goes on', async () => {
    const adapter = await configured();
    const refusals: [Record<string, unknown> & { type: string }, string, string | null][] = [
      [{ type: 'session.update', session: { type: 'realtime', temperature: 0.8 } }, 'unknown_parameter', 'session.temperature'],
      [{ type: 'session.update', session: { instructions: 'x' } }, 'missing_required_parameter', 'session.type'],
      [
        {
          type: 'session.update',
          session: { type: 'realtime', audio: { input: { format: { type: 'audio/pcmu', rate: 8000 } } } },
        },
        'unknown_parameter',
        'session.audio.input.format.rate',
      ],
      [
        { type: 'session.update', session: { type: 'realtime', audio: { output: { speed: 9 } } } },
        'invalid_value',
        'session.audio.output.speed',
      ],
      [{ type: 'session.update', session: { type: 'realtime', instructions: '[script:nope]' } }, 'unknown_script', null],
      [{ type: 'response.create', response: { modalities: ['audio'] } }, 'unknown_parameter', 'response.modalities'],
      [{ type: 'response.cancel' }, 'response_cancel_not_active', null],
      [{ type: 'input_audio_buffer.append', audio: 'not base64!' }, 'invalid_value', 'audio'],
      [{ type: 'input_audio_buffer.commit' }, 'input_audio_buffer_commit_empty', null],
      [{ type: 'conversation.item.delete', item_id: 'item_none' }, 'item_delete_invalid_item_id', 'item_id'],
      [{ type: 'conversation.item.retrieve', item_id: 'item_none' }, 'item_retrieve_invalid_item_id', 'item_id'],
      [
        {
          type: 'conversation.item.create',
          item: { type: 'message', role: 'assistant', content: [{ type: 'output_audio', audio: '' }] },
        },
        'invalid_value',
        'item.content[0].type',
      ],
      [
        { type: 'conversation.item.create', item: { type: 'function_call_output', call_id: 'call_none', output: '' } },
        'invalid_tool_call_id',
        'item.call_id',
      ],
      [{ type: 'conversation.item.created' }, 'invalid_value', 'type'],
    ];
    for (const [{ type, ...fields }, code, param] of refusals) {
      adapter.send(type, { ...fields, event_id: code });
      const { error } = await adapter.next('error');
      expect(error).toMatchObject({ type: 'invalid_request_error', code, param, event_id: code });
    }
    for (const frame of ['{', '[]', 'null', '{"a":1}', Buffer.from([1, 2, 3])]) {
      adapter.raw(frame);
      await adapter.next('error');
    }
    await callee(adapter, calleeLines.hello);
    expect(doneStatus(await adapter.next('response.done'))).toBe('completed');
  });

  it('has one response at a time, and several beside the conversation', async () => {
    const adapter = await configured('gpt-realtime#script=unhurried');
    adapter.send('response.create', { response: { instructions: `Say exactly: ${greeting}` } });
    adapter.send('response.create', { event_id: 'second' });
    expect(await adapter.next('error')).toMatchObject({
      error: { code: 'conversation_already_has_active_response', event_id: 'second' },
    });
    adapter.send('response.create', {
      response: { conversation: 'none', instructions: 'Say exactly: Aside.', metadata: { for: 'test' } },
    });
    await adapter.next(
      'response.done',
      ({ response }) => (response as { conversation_id: string | null }).conversation_id === null,
    );
    // Cancelled and asked again in one breath: the first is over before the second begins.
    adapter.send('response.cancel');
    adapter.send('response.create', { response: { instructions: 'Say exactly: Again.' } });
    expect((await adapter.next('response.done'))['response']).toMatchObject({ status_details: { reason: 'client_cancelled' } });
    expect(doneStatus(await adapter.next('response.done'))).toBe('completed');
    expect(adapter.types().filter((type) => type === 'error')).toHaveLength(1);
  });

  it('locks the voice once it was heard, and calls no tool that is not there', async () => {
    const adapter = await configured('gpt-realtime#script=goodbye-at-once', { tools: [] });
    await callee(adapter, calleeLines.hello);
    const { response } = await adapter.next('response.done');
    expect((response as { output: { type: string }[] }).output.map(({ type }) => type)).toEqual(['message']);
    adapter.send('session.update', { session: { type: 'realtime', audio: { output: { voice: 'cedar' } } } });
    expect(await adapter.next('error')).toMatchObject({ error: { code: 'cannot_update_voice' } });
  });

  it('says what it cannot speak by a failed response', async () => {
    const adapter = await configured();
    adapter.send('response.create', { response: { instructions: 'Say exactly: ...' } });
    const { response } = await adapter.next('response.done');
    expect(response).toMatchObject({ status: 'failed', status_details: { error: { code: 'speech_failed' } } });
  });
});

describe('turns by hand', () => {
  it('leaves committing and answering to a client without turn detection', async () => {
    const input = { ...gatewaySession.audio.input, turn_detection: null };
    const adapter = await configured(undefined, { audio: { ...gatewaySession.audio, input } });
    adapter.say(silenceOf(60), await soundOf(calleeLines.thatIsMe));
    adapter.send('input_audio_buffer.commit');
    expect((await adapter.next('conversation.item.input_audio_transcription.completed'))['transcript']).toBe(
      calleeLines.thatIsMe,
    );
    expect(adapter.types()).not.toContain('response.created');
    expect(adapter.types()).not.toContain('input_audio_buffer.speech_started');
    adapter.send('response.create');
    await adapter.next('response.done');
    expect(provider.of('agent-spoke')).toMatchObject([{ text: agentLines.reminder }]);
  });

  it('forgets a cleared buffer', async () => {
    const adapter = await configured();
    adapter.say(await soundOf(calleeLines.thatIsMe));
    await adapter.next('input_audio_buffer.speech_started');
    adapter.send('input_audio_buffer.clear');
    await adapter.next('input_audio_buffer.cleared');
    adapter.say(silenceOf(1500));
    await callee(adapter, calleeLines.hello);
    expect((await adapter.next('conversation.item.input_audio_transcription.completed'))['transcript']).toBe(calleeLines.hello);
  });

  it('takes text for a turn', async () => {
    const adapter = await configured();
    adapter.send('conversation.item.create', {
      previous_item_id: 'root',
      item: { id: 'item_mine', type: 'message', role: 'user', content: [{ type: 'input_text', text: 'Yes, speaking.' }] },
    });
    expect(await adapter.next('conversation.item.added')).toMatchObject({ previous_item_id: null, item: { id: 'item_mine' } });
    adapter.send('response.create');
    await adapter.next('response.done');
    expect(provider.of('agent-spoke')).toMatchObject([{ text: agentLines.reminder }]);
    adapter.send('conversation.item.delete', { item_id: 'item_mine' });
    await adapter.next('conversation.item.deleted');
  });
});

describe('what goes wrong', () => {
  it('drops the socket without a word', async () => {
    const adapter = await configured('gpt-realtime#dropAfterMs=150');
    expect((await adapter.closed).code).toBe(1006);
    await expect.poll(() => provider.of('agent-session-closed'), { timeout: 10_000 }).toMatchObject([{ code: 1006 }]);
  });

  it('expires', async () => {
    const adapter = await configured('gpt-realtime#expireAfterMs=100');
    expect(await adapter.next('error')).toMatchObject({ error: { code: 'session_expired' } });
    expect(await adapter.closed).toEqual({ code: 1001, reason: 'Your session hit the maximum duration of 60 minutes.' });
  });

  it('fails a response, sends an error in between, and falls silent', async () => {
    const failing = await configured('gpt-realtime#script=unhurried&failResponse=1&errorAfterMs=60');
    failing.send('response.create');
    expect((await failing.next('response.done'))['response']).toMatchObject({ status: 'failed', usage: { total_tokens: 0 } });
    failing.send('response.create', { response: { instructions: `Say exactly: ${greeting}` } });
    expect(doneStatus(await failing.next('response.done'))).toBe('completed');
    expect(failing.events.filter(({ type }) => type === 'error')).toMatchObject([{ error: { type: 'server_error' } }]);
    const silent = await connectAdapter(provider, { model: 'gpt-realtime#silentAfterMs=0' });
    silent.send('session.update', { session: gatewaySession });
    silent.send('response.create', { response: { instructions: 'Say exactly: Nobody hears this.' } });
    await expect
      .poll(() => provider.of('agent-spoke').map(({ text }) => text), { timeout: 10_000 })
      .toContain('Nobody hears this.');
    expect(silent.types()).not.toContain('response.done');
  });

  it('closes its sessions when it stops, and serves nobody afterwards', async () => {
    const adapter = await configured('gpt-realtime#script=unhurried');
    adapter.send('response.create', { response: { instructions: `Say exactly: ${greeting}` } });
    await adapter.next('response.output_audio.delta');
    expect(provider.agents.sessions()).toBe(1);
    await provider.agents.close();
    expect((await adapter.closed).code).toBe(1001);
    expect(provider.agents.sessions()).toBe(0);
    await expect(connectAdapter(provider)).rejects.toThrow('503');
  });
});
