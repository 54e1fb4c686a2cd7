// A conversation over a Realtime client of the `openai` package, whichever of its classes that is. Throws at the first thing that
// is not as that package's types say.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';

const lookUp = {
  type: 'function',
  name: 'look_up',
  description: 'Looks up an appointment.',
  parameters: { type: 'object', properties: { day: { type: 'string' } }, required: ['day'] },
};
const session = {
  type: 'realtime',
  instructions: 'You remind people of appointments. [script:looks-up]',
  output_modalities: ['audio'],
  audio: {
    input: {
      format: { type: 'audio/pcmu' },
      transcription: { model: 'gpt-4o-mini-transcribe' },
      turn_detection: { type: 'server_vad', threshold: 0.5, prefix_padding_ms: 300, silence_duration_ms: 500 },
    },
    output: { format: { type: 'audio/pcmu' }, voice: 'marin' },
  },
  tools: [lookUp],
  tool_choice: 'auto',
};

/** @param rt the client, just made */
export async function holdSession(rt) {
  const events = [];
  const waiting = new Set();
  let seen = 0;
  let fatal;
  rt.on('event', (event) => {
    events.push(event);
    for (const look of waiting) look();
  });
  const errors = [];
  rt.on('error', (error) => {
    errors.push(error);
    if (!error.error) fatal = error;
    for (const look of waiting) look();
  });

  const next = (type, fits = () => true) =>
    new Promise((resolve, reject) => {
      const end = (how, what) => {
        waiting.delete(look);
        clearTimeout(tooLate);
        how(what);
      };
      const look = () => {
        if (fatal) return end(reject, fatal);
        const at = events.findIndex((event, i) => i >= seen && event.type === type && fits(event));
        if (at < 0) return;
        seen = at + 1;
        end(resolve, events[at]);
      };
      const tooLate = setTimeout(
        () => end(reject, new Error(`no ${type} after ${events.slice(seen).map((event) => event.type)}`)),
        15_000,
      );
      waiting.add(look);
      look();
    });
  const audioMs = (responseId) =>
    events
      .filter((event) => event.type === 'response.output_audio.delta' && event.response_id === responseId)
      .reduce((sum, { delta }) => sum + Buffer.from(delta, 'base64').length / 8, 0);

  await next('session.created');
  rt.send({ type: 'session.update', session });
  const updated = await next('session.updated');
  assert.equal(updated.session.audio.input.format.type, 'audio/pcmu');

  rt.send({ type: 'response.create' });
  const greeting = (await next('response.done')).response;
  assert.equal(greeting.status, 'completed');
  assert.ok(audioMs(greeting.id) > 1000, 'the greeting is audible');

  const speech = readFileSync(process.env.SPEECH_FILE);
  for (let at = 0; at < speech.length; at += 160)
    rt.send({ type: 'input_audio_buffer.append', audio: speech.subarray(at, at + 160).toString('base64') });
  const started = await next('input_audio_buffer.speech_started');
  const committed = await next('input_audio_buffer.committed');
  assert.equal(committed.item_id, started.item_id);

  const asked = (await next('response.done')).response;
  const call = asked.output.find((item) => item.type === 'function_call');
  assert.equal(call?.name, 'look_up');
  assert.deepEqual(JSON.parse(call.arguments), { day: 'tomorrow' });
  rt.send({ type: 'conversation.item.create', item: { type: 'function_call_output', call_id: call.call_id, output: '3 pm' } });
  rt.send({ type: 'response.create' });
  const answered = (await next('response.done')).response;
  const [said] = answered.output;
  assert.equal(said.content[0].transcript, 'It is at three.');

  rt.send({ type: 'conversation.item.truncate', item_id: said.id, content_index: 0, audio_end_ms: 300 });
  await next('conversation.item.truncated');
  rt.send({ type: 'session.update', event_id: 'mine', session: { type: 'realtime', temperature: 0.8 } });
  await next('error');
  assert.equal(errors.length, 1);
  assert.equal(errors[0].error.code, 'unknown_parameter');
  assert.equal(errors[0].error.event_id, 'mine');

  const closed = new Promise((resolve) => rt.socket.addEventListener('close', resolve));
  rt.close();
  await closed;
  const completed = events.find((event) => event.type === 'conversation.item.input_audio_transcription.completed');
  return { transcript: completed?.transcript, said: said.content[0].transcript, greetingMs: audioMs(greeting.id), events: events.length };
}
