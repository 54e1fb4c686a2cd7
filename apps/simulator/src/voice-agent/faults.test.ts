import { silentLogger } from '@onhook/service';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { calleeLines, createSpeech, type Speech } from '../speech/index.js';
import { configuredAdapter, connectAdapter, gatewaySession, silenceOf, startProvider } from './test-adapter.js';
import type { TestAdapter, TestProvider } from './test-adapter.js';

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

async function callee(adapter: TestAdapter, text: string): Promise<void> {
  adapter.say(silenceOf(200), (await speech.line(text, 'rms')).audio, silenceOf(800));
}
const responseOf = (event: { [field: string]: unknown }): Record<string, unknown> => event['response'] as Record<string, unknown>;
const addScript = (name: string, more: object): unknown =>
  provider.agents.addScript({ name, greeting, steps: { any: [{ says: 'I see.' }] }, thinkMs: 5, pace: 80, ...more });

describe('responses that fail', () => {
  it('fails for a rate limit without an error frame or a single sound, and the session goes on', async () => {
    const adapter = await configuredAdapter(provider, { model: 'gpt-realtime#failResponse=1&failCode=rate_limit_exceeded' });
    adapter.send('response.create');
    expect(responseOf(await adapter.next('response.done'))).toMatchObject({
      status: 'failed',
      status_details: { type: 'failed', error: { code: 'rate_limit_exceeded' } },
      output: [],
      usage: { total_tokens: 0 },
    });
    expect(adapter.types()).not.toContain('error');
    expect(adapter.audio()).toHaveLength(0);
    adapter.send('response.create');
    expect(responseOf(await adapter.next('response.done'))).toMatchObject({ status: 'completed' });
  });

  it('fails by chance: always at 1, never at 0', async () => {
    const unlucky = await configuredAdapter(provider, { model: 'gpt-realtime#failChance=1&failCode=insufficient_quota' });
    unlucky.send('response.create');
    expect(responseOf(await unlucky.next('response.done'))).toMatchObject({ status: 'failed' });
    const lucky = await configuredAdapter(provider, { model: 'gpt-realtime#failChance=0' });
    lucky.send('response.create');
    expect(responseOf(await lucky.next('response.done'))).toMatchObject({ status: 'completed' });
  });
});

describe('connections that fail', () => {
  it('refuses the handshake with the status it is told', async () => {
    await expect(connectAdapter(provider, { model: 'gpt-realtime#refuseConnect=429' })).rejects.toThrow('429');
    addScript('away', { faults: { refuseConnect: 503 } });
    provider.agents.setDefaultScript('away');
    await expect(connectAdapter(provider)).rejects.toThrow('503');
    expect(provider.agents.sessions()).toBe(0);
  });

  it('closes with the code it is told, 1011 if with none', async () => {
    const told = await connectAdapter(provider, { model: 'gpt-realtime#closeAfterMs=30&closeCode=1012' });
    expect((await told.closed).code).toBe(1012);
    const untold = await connectAdapter(provider, { model: 'gpt-realtime#closeAfterMs=30' });
    expect((await untold.closed).code).toBe(1011);
  });

  it('arms the faults of a script that only the instructions name', async () => {
    addScript('short-lived', { faults: { dropAfterMs: 40 } });
    const adapter = await connectAdapter(provider);
    adapter.send('session.update', { session: { ...gatewaySession, instructions: 'Be brief. [script:short-lived]' } });
    expect((await adapter.closed).code).toBe(1006);
    expect(provider.of('agent-script')).toMatchObject([{ script: 'short-lived' }]);
  });

  it('calls off the faults of a script when another one takes its place, and keeps those behind the model', async () => {
    addScript('short-lived', { faults: { dropAfterMs: 150 } });
    addScript('steady', { faults: { closeAfterMs: 10, errorAfterMs: 20 } });
    const model = 'gpt-realtime#script=short-lived&closeAfterMs=600&closeCode=4321';
    const adapter = await configuredAdapter(provider, { model, session: { instructions: '[script:steady]' } });
    // What stands behind the model goes before what either script says.
    await adapter.next('error');
    expect((await adapter.closed).code).toBe(4321);
  });
});

describe('late audio', () => {
  it('still comes from a response that was cancelled, after its end, for as long as it is told', async () => {
    addScript('trailing', { pace: 6, faults: { lateAudioMs: 450 } });
    const adapter = await configuredAdapter(provider, { model: 'gpt-realtime#script=trailing' });
    adapter.send('response.create', { response: { instructions: `Say exactly: ${greeting} ${greeting}` } });
    const { response_id, item_id } = await adapter.next('response.output_audio.delta');
    adapter.send('response.cancel');
    await adapter.next('response.done');
    await expect
      .poll(() => provider.of('agent-late-audio'), { timeout: 5000 })
      .toMatchObject([{ bytes: 3600, responseId: response_id }]);
    const at = adapter.types().indexOf('response.done');
    const late = adapter.events.slice(at).filter(({ type }) => type === 'response.output_audio.delta');
    expect(late.every((event) => event['response_id'] === response_id && event['item_id'] === item_id)).toBe(true);
    expect(Buffer.concat(late.map(({ delta }) => Buffer.from(String(delta), 'base64')))).toHaveLength(3600);
    // It is what would have come next: together with what was heard, one stretch of the line.
    const { audio } = await speech.line(`${greeting} ${greeting}`);
    expect(adapter.audio().equals(audio.subarray(0, adapter.audio().length))).toBe(true);
  });

  it('does not come if nobody asked for it', async () => {
    const adapter = await configuredAdapter(provider, { model: 'gpt-realtime#script=unhurried' });
    adapter.send('response.create', { response: { instructions: `Say exactly: ${greeting}` } });
    await adapter.next('response.output_audio.delta');
    adapter.send('response.cancel');
    await adapter.next('rate_limits.updated');
    adapter.send('response.create', { response: { instructions: 'Say exactly: Again.' } });
    const { response_id } = await adapter.next('response.output_audio.delta');
    await adapter.next('response.done');
    const last = adapter.events.findLast(({ type }) => type === 'response.output_audio.delta');
    expect(last).toMatchObject({ response_id });
    expect(provider.of('agent-late-audio')).toEqual([]);
  });
});

describe('transcripts beside the response', () => {
  const completed = 'conversation.item.input_audio_transcription.completed';
  async function orderWith(transcripts: string): Promise<string[]> {
    addScript(transcripts, { transcripts });
    const adapter = await configuredAdapter(provider, { model: `gpt-realtime#script=${transcripts}` });
    await callee(adapter, calleeLines.thatIsMe);
    await adapter.next('response.done');
    const last = transcripts === 'fails' ? completed.replace('completed', 'failed') : completed;
    await expect.poll(() => adapter.types(), { timeout: 5000 }).toContain(last);
    return adapter.types().filter((type) => [last, 'response.created', 'response.done'].includes(type));
  }

  it('come before the response, after it, or not at all, as the script says', async () => {
    expect(await orderWith('before-response')).toEqual([completed, 'response.created', 'response.done']);
    expect(await orderWith('after-response')).toEqual(['response.created', 'response.done', completed]);
    expect(await orderWith('fails')).toContain('conversation.item.input_audio_transcription.failed');
  });

  it('are billed by tokens, and by length for whisper', async () => {
    const usageWith = async (model: string): Promise<unknown> => {
      const input = { ...gatewaySession.audio.input, transcription: { model } };
      const adapter = await configuredAdapter(provider, { session: { audio: { ...gatewaySession.audio, input } } });
      await callee(adapter, calleeLines.hello);
      return (await adapter.next(completed))['usage'];
    };
    expect(await usageWith('gpt-4o-mini-transcribe')).toMatchObject({ type: 'tokens', input_token_details: { text_tokens: 0 } });
    expect(await usageWith('whisper-1')).toMatchObject({ type: 'duration', seconds: expect.any(Number) as number });
  });

  it('come soon if no response is asked for that they could wait for', async () => {
    addScript('after', { transcripts: 'after-response' });
    const input = { ...gatewaySession.audio.input, turn_detection: { type: 'server_vad', create_response: false } };
    const session = { audio: { ...gatewaySession.audio, input } };
    const adapter = await configuredAdapter(provider, { model: 'gpt-realtime#script=after', session });
    await callee(adapter, calleeLines.thatIsMe);
    expect(await adapter.next(completed)).toMatchObject({ transcript: calleeLines.thatIsMe });
    expect(adapter.types()).not.toContain('response.created');
  });
});

describe('tools', () => {
  const lookUp = { type: 'function', name: 'look_up', description: 'Looks up.', parameters: { type: 'object', properties: {} } };

  it('calls a tool of the client after its words, and goes on in the response that is asked for with the output', async () => {
    const calls = { name: 'look_up', arguments: { day: 'tomorrow' }, thenSays: 'It is at three.' };
    addScript('looks-up', { steps: { any: [{ says: 'One moment.', calls }] } });
    const session = { tools: [...gatewaySession.tools, lookUp] };
    const adapter = await configuredAdapter(provider, { model: 'gpt-realtime#script=looks-up', session });
    await callee(adapter, calleeLines.hello);
    const first = responseOf(await adapter.next('response.done'));
    expect(first['output']).toMatchObject([{ type: 'message' }, { type: 'function_call', name: 'look_up', status: 'completed' }]);
    const [call] = provider.of('agent-tool-call');
    expect(call).toMatchObject({ name: 'look_up', arguments: '{"day":"tomorrow"}' });
    adapter.send('conversation.item.create', {
      item: { type: 'function_call_output', call_id: call!['toolCallId'], output: '3 pm' },
    });
    adapter.send('response.create');
    await adapter.next('response.done');
    expect(provider.of('agent-spoke').at(-1)).toMatchObject({ text: 'It is at three.' });
  });
});
