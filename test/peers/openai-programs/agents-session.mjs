// Two conversations with the agents SDK: one set up for the telephone, one as the SDK comes. Throws at what it does not expect.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';

const asArrayBuffer = (bytes) => bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.byteLength);

/** Waits until `fits` answers something, looking again after every event of the session. */
function until(session, what, fits) {
  return new Promise((resolve, reject) => {
    const look = () => {
      const found = fits();
      if (!found) return;
      clearTimeout(tooLate);
      session.transport.off('*', soon);
      resolve(found);
    };
    // The SDK has worked on an event only after it told of it.
    const soon = () => setImmediate(look);
    const tooLate = setTimeout(() => reject(new Error(`never: ${what}`)), 15_000);
    session.transport.on('*', soon);
    look();
  });
}

/** @param sdk the exports of `@openai/agents-realtime`; `judge` says whether it knows the shape of a server event */
export async function holdAgentsSession({ RealtimeAgent, RealtimeSession, tool }, z, judge) {
  const toolRuns = [];
  const lookUp = tool({
    name: 'look_up',
    description: 'Looks up an appointment.',
    parameters: z.object({ day: z.string() }),
    execute: async ({ day }) => {
      toolRuns.push(day);
      return '3 pm';
    },
  });

  async function open(instructions, config) {
    const agent = new RealtimeAgent({ name: 'Assistant', instructions, tools: [lookUp] });
    const session = new RealtimeSession(agent, { transport: 'websocket', model: 'gpt-realtime', ...(config && { config }) });
    const heard = { bytes: 0, errors: [], interrupted: 0, history: [], unknownShapes: [] };
    session.on('audio', ({ data }) => (heard.bytes += data.byteLength));
    session.on('error', (error) => heard.errors.push(error));
    session.on('audio_interrupted', () => (heard.interrupted += 1));
    session.on('history_updated', (history) => (heard.history = history));
    session.transport.on('*', (event) => {
      if (!judge(event)) heard.unknownShapes.push(event.type);
    });
    await session.connect({ apiKey: 'sk-test', url: `${process.env.AGENT_URL}?model=gpt-realtime` });
    return { session, heard };
  }
  const transcripts = ({ history }, role) =>
    history.filter((item) => item.role === role).map((item) => item.content?.[0]?.transcript ?? item.content?.[0]?.text);
  const noErrors = ({ errors }) => assert.deepEqual(errors.map((error) => JSON.stringify(error.error ?? error)), []);

  const telephone = {
    outputModalities: ['audio'],
    audio: {
      input: { format: { type: 'audio/pcmu' }, transcription: { model: 'gpt-4o-mini-transcribe' }, turnDetection: { type: 'server_vad' } },
      output: { format: { type: 'audio/pcmu' }, voice: 'marin' },
    },
  };
  const { session, heard } = await open('You remind people. [script:looks-up]', telephone);
  session.transport.requestResponse?.() ?? session.transport.sendEvent({ type: 'response.create' });
  await until(session, 'the greeting', () => transcripts(heard, 'assistant')[0]);
  const speech = readFileSync(process.env.SPEECH_FILE);
  for (let at = 0; at < speech.length; at += 160) session.sendAudio(asArrayBuffer(speech.subarray(at, at + 160)));
  await until(session, 'what the tool made possible', () => transcripts(heard, 'assistant').at(-1) === 'It is at three.');
  assert.deepEqual(toolRuns, ['tomorrow']);
  const [transcript] = await until(session, 'the transcript', () => transcripts(heard, 'user')[0] && transcripts(heard, 'user'));

  // Somebody speaks into a long answer: the SDK cancels nothing itself, and truncates what was not heard.
  const before = heard.bytes;
  session.transport.sendEvent({
    type: 'response.create',
    response: { instructions: `Say exactly: ${'I shall now read out the whole of our opening hours. '.repeat(4)}` },
  });
  await until(session, 'sound', () => heard.bytes > before);
  for (let at = 0; at < speech.length; at += 160) session.sendAudio(asArrayBuffer(speech.subarray(at, at + 160)));
  await until(session, 'the interruption', () => heard.interrupted > 0);
  await until(session, 'the answer', () => toolRuns.length === 2);
  noErrors(heard);
  session.close();

  const plain = await open('Be kind.');
  plain.session.transport.sendEvent({ type: 'response.create' });
  await until(plain.session, 'the greeting in PCM', () => transcripts(plain.heard, 'assistant')[0]);
  assert.ok(plain.heard.bytes > 48_000, 'a second of 24 kHz PCM');
  plain.session.sendMessage('Yes, speaking.');
  await until(plain.session, 'an answer to text', () => transcripts(plain.heard, 'assistant').filter(Boolean).length > 1);
  noErrors(plain.heard);
  plain.session.close();

  const unknownShapes = [...new Set([...heard.unknownShapes, ...plain.heard.unknownShapes])];
  return { transcript, audioBytes: heard.bytes, interrupted: heard.interrupted, unknownShapes };
}
