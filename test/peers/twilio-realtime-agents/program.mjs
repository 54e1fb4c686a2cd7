// A small program as the README of `twilio-realtime-agents` shows it: it places one call, bridges its media stream to OpenAI,
// and lets the model hang up. Nothing in it knows of a simulator. Prints one JSON object when the call is over.
import { createServer } from 'node:http';
import twilio from 'twilio';
import { Agent, connectStreamTwiml, TwilioRealtimeBridge } from 'twilio-realtime-agents';
import { openaiRealtime } from 'twilio-realtime-agents/openai';
import { WebSocketServer } from 'ws';

const { TWILIO_ACCOUNT_SID: accountSid, TWILIO_AUTH_TOKEN: authToken, AGENT_INSTRUCTIONS: instructions, TO: to } = process.env;
const happened = [];
const errors = [];

const bridge = new TwilioRealtimeBridge({
  agent: new Agent({ name: 'Receptionist', instructions, voice: 'marin' }),
  provider: openaiRealtime({ transcription: { model: 'gpt-4o-mini-transcribe' } }),
  session: { hangup: { markTimeoutMs: 10_000 }, maxCallDurationSeconds: 90 },
  builtinTools: { finishCall: true },
  twilio: { accountSid, authToken },
});
bridge.on('error', (error) => errors.push(error.message));
bridge.on('session.started', (session) => {
  const events = ['transcript.user', 'transcript.agent', 'playback.started', 'playback.finished', 'playback.interrupted'];
  for (const event of [...events, 'tool.completed', 'tool.failed', 'provider.reconnecting'])
    session.on(event, () => happened.push(event));
  session.on('error', (error) => errors.push(error.message));
});

const server = createServer();
const streams = new WebSocketServer({ server });
let signature;
streams.on('connection', (socket, request) => {
  signature = twilio.validateRequest(authToken, request.headers['x-twilio-signature'], `ws://${request.headers.host}${request.url}`, {});
  bridge.handleConnection(socket, request);
});
await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
const ended = new Promise((resolve) => bridge.on('session.ended', resolve));
const call = await twilio(accountSid, authToken).calls.create({
  to,
  from: '+15005550006',
  twiml: connectStreamTwiml({ wsUrl: `ws://127.0.0.1:${server.address().port}/media`, parameters: { tenant: 'a&b' } }),
});
const { reason } = await ended;
const status = (await twilio(accountSid, authToken).calls(call.sid).fetch()).status;
await bridge.close();
streams.close();
server.closeAllConnections();
server.close();
console.log(JSON.stringify({ sid: call.sid, reason, status, signature, happened, errors }));
process.exit(0);
