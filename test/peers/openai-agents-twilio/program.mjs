// A small program as the guide of `@openai/agents-extensions` shows it: it places one call and connects its media stream to
// OpenAI by the Twilio transport; the model ends the call by a tool. Nothing in it knows of a simulator. Prints one JSON object.
import { createServer } from 'node:http';
import { RealtimeAgent, RealtimeSession, tool } from '@openai/agents/realtime';
import { TwilioRealtimeTransportLayer } from '@openai/agents-extensions';
import twilio from 'twilio';
import { WebSocketServer } from 'ws';
import { z } from 'zod';

const { TWILIO_ACCOUNT_SID: accountSid, TWILIO_AUTH_TOKEN: authToken, AGENT_INSTRUCTIONS: instructions, TO: to } = process.env;
const client = twilio(accountSid, authToken);
const errors = [];
const marks = [];
let toolCalls = 0;
let isGoodbyeDue = false;
let callSid;

const agent = new RealtimeAgent({
  name: 'Receptionist',
  instructions,
  tools: [
    tool({
      name: 'end_call',
      description: 'Ends the call. Say goodbye afterwards.',
      parameters: z.object({ reason: z.string() }),
      execute: () => {
        toolCalls++;
        isGoodbyeDue = true;
        return 'Say goodbye now.';
      },
    }),
  ],
});

const server = createServer();
const streams = new WebSocketServer({ server });
let history = [];
const ended = new Promise((resolve, reject) => {
  streams.on('connection', (socket) => {
    const transport = new TwilioRealtimeTransportLayer({ twilioWebSocket: socket });
    // As in the guide. Without `config.audio` this version asks the model for 24 kHz PCM, and the callee hears noise.
    const session = new RealtimeSession(agent, { transport, model: 'gpt-realtime', config: { audio: { output: { voice: 'verse' } } } });
    session.on('error', (error) => errors.push(error));
    session.on('history_updated', (items) => (history = items));
    socket.on('close', () => resolve());
    socket.on('message', (data) => {
      const message = JSON.parse(data.toString());
      if (message.event === 'mark') marks.push(message.mark.name.split(':')[0]);
      // The goodbye was heard to its end.
      if (message.event === 'mark' && message.mark.name.startsWith('done:') && isGoodbyeDue)
        client.calls(callSid).update({ status: 'completed' }).catch(reject);
    });
    session
      .connect({ apiKey: process.env.OPENAI_API_KEY })
      .then(() => transport.sendEvent({ type: 'response.create' }))
      .catch(reject);
  });
});
await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
const call = await client.calls.create({
  to,
  from: '+15005550006',
  twiml: `<Response><Connect><Stream url="ws://127.0.0.1:${server.address().port}/media"/></Connect></Response>`,
});
callSid = call.sid;
await ended;
const { status } = await client.calls(callSid).fetch();
streams.close();
server.closeAllConnections();
server.close();
const said = history.filter((item) => item.type === 'message').map((item) => item.role);
console.log(JSON.stringify({ sid: callSid, status, toolCalls, doneMarks: marks.filter((name) => name === 'done').length, said, errors }));
process.exit(0);
