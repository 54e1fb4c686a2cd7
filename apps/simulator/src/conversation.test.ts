import twilio from 'twilio';
import { expect, it } from 'vitest';
import { WebSocket, WebSocketServer } from 'ws';
import type { AddressInfo } from 'node:net';
import { startSimulator } from './start-simulator.js';
import { agentLines, calleeLines } from './speech/index.js';

const greeting = 'Good morning. Is that you?';

/** The smallest gateway there can be: passes sound through, and closes when the farewell's mark comes back. */
async function openGateway(agentUrl: string): Promise<{ url: string; close(): Promise<void> }> {
  const server = new WebSocketServer({ port: 0, host: '127.0.0.1' });
  await new Promise((resolve) => server.once('listening', resolve));
  server.on('connection', (carrier) => {
    const agent = new WebSocket(`${agentUrl}?model=${encodeURIComponent('gpt-realtime#script=goodbye-at-once')}`, {
      headers: { Authorization: 'Bearer any' },
    });
    let streamSid = '';
    const toAgent = (event: Record<string, unknown>): void => agent.send(JSON.stringify(event));
    const toCarrier = (message: Record<string, unknown>): void => carrier.send(JSON.stringify({ ...message, streamSid }));
    const format = { type: 'audio/pcmu' };
    agent.on('open', () => {
      const audio = { input: { format, turn_detection: { type: 'server_vad' } }, output: { format } };
      const tools = [
        { type: 'function', name: 'end_call', parameters: { type: 'object', properties: { reason: { type: 'string' } } } },
      ];
      toAgent({ type: 'session.update', session: { type: 'realtime', audio, tools } });
      toAgent({ type: 'response.create', response: { instructions: `Say exactly: "${greeting}"` } });
    });
    agent.on('message', (data: Buffer) => {
      const event = JSON.parse(data.toString()) as { type: string; delta: string };
      if (event.type === 'response.output_audio.delta') toCarrier({ event: 'media', media: { payload: event.delta } });
      if (event.type === 'response.function_call_arguments.done') toCarrier({ event: 'mark', mark: { name: 'farewell' } });
    });
    carrier.on('message', (data: Buffer) => {
      const message = JSON.parse(data.toString()) as { event: string; streamSid: string; media: { payload: string } };
      if (message.event === 'start') ({ streamSid } = message);
      if (message.event === 'media' && agent.readyState === WebSocket.OPEN)
        toAgent({ type: 'input_audio_buffer.append', audio: message.media.payload });
      if (message.event === 'mark') carrier.close();
    });
    carrier.on('close', () => agent.close());
  });
  return {
    url: `ws://127.0.0.1:${(server.address() as AddressInfo).port}/media`,
    close: () => new Promise((resolve) => server.close(() => resolve())),
  };
}

it('callee and voice agent understand each other through nothing but sound, to the heard farewell', async () => {
  const simulator = await startSimulator({ scenarios: [{ to: '+14155550100', replies: [calleeLines.thatIsMe] }] });
  const gateway = await openGateway(simulator.agentUrl);
  const client = twilio(simulator.accountSid, simulator.authToken);
  client.api.baseUrl = simulator.url;
  const { sid } = await client.calls.create({
    to: '+14155550100',
    from: '+15005550006',
    twiml: `<Response><Connect><Stream url="${gateway.url}"/></Connect><Hangup/></Response>`,
  });
  const ended = await simulator.whenEntry((entry) => entry.kind === 'carrier-ended' && entry.callSid === sid, 60_000);
  expect(ended).toMatchObject({ status: 'completed', by: 'twiml-hangup' });

  const texts = (kind: string) => simulator.entries({ kind }).map((entry) => entry['text']);
  expect(texts('line-heard')).toEqual([greeting, agentLines.farewell]);
  expect(texts('callee-spoke')).toEqual([calleeLines.thatIsMe]);
  expect(texts('agent-heard')).toEqual(texts('callee-spoke'));
  const farewell = simulator.entries({ kind: 'line-heard' }).at(-1)!;
  expect(farewell['toMs']).toBe(farewell['ofMs']);
  expect(ended.mono - Number(farewell['lastPlayedMono'])).toBeLessThan(2_000);
  await gateway.close();
  await simulator.close();
}, 90_000);
