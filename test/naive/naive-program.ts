import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import twilio from 'twilio';
import { WebSocket, WebSocketServer } from 'ws';

/**
 * A small voice-agent program as people write it, faithful to the public samples down to its mistakes: one file, global state, one
 * try at everything, success logged before anything is known. Each mistake is one that was reported in public. `none` is the same
 * program without any: what is wrong with the others is nothing but their mistake.
 */
export type Mistake =
  | 'none'
  | 'verb-after-connect'
  | 'only-the-agent-socket-closed'
  | 'request-never-awaited'
  | 'wrong-sid'
  | 'canceled-instead-of-completed'
  | 'global-active-call-sid'
  | 'waits-for-a-mark-that-never-comes'
  | 'worker-dies-between-event-and-request';

export interface NaiveProgram {
  placeCall(to: string): Promise<string>;
  /** Resolves when its log claims that this call was ended. */
  claimed(callSid: string): Promise<void>;
  close(): Promise<void>;
}

interface Surroundings {
  readonly restUrl: string;
  readonly agentUrl: string;
  readonly accountSid: string;
  readonly authToken: string;
  readonly from: string;
  /** The "queue" between this program and its hangup worker: what people use Redis pub/sub for. */
  readonly publish: (callSid: string) => Promise<unknown>;
}

export async function startNaiveProgram(
  mistake: Mistake,
  { restUrl, agentUrl, accountSid, authToken, from, publish }: Surroundings,
): Promise<NaiveProgram> {
  const client = twilio(accountSid, authToken, { accountSid });
  client.api.baseUrl = restUrl;
  const http: Server = createServer();
  const media = new WebSocketServer({ server: http, path: '/media' });
  await new Promise<void>((resolve) => http.listen(0, '127.0.0.1', resolve));
  const url = `ws://127.0.0.1:${(http.address() as AddressInfo).port}/media`;
  const claims = new Set<string>();
  const waiting = new Map<string, () => void>();
  const agents = new Set<WebSocket>();

  // "There is only ever one call at a time on my machine."
  let active_call_sid = '';

  media.on('connection', (carrier) => {
    let streamSid = '';
    let callSid = '';
    const agent = new WebSocket(`${agentUrl}?model=gpt-realtime%23script%3Dgoodbye-at-once`, {
      headers: { Authorization: 'Bearer sk-test' },
    });
    agents.add(agent);
    let markEchoed: (() => void) | undefined;

    agent.on('open', () => {
      agent.send(
        JSON.stringify({
          type: 'session.update',
          session: {
            type: 'realtime',
            instructions: 'You are a friendly assistant.',
            output_modalities: ['audio'],
            audio: {
              input: { format: { type: 'audio/pcmu' }, turn_detection: { type: 'server_vad' } },
              output: { format: { type: 'audio/pcmu' }, voice: 'marin' },
            },
            tools: [
              {
                type: 'function',
                name: 'end_call',
                description: 'Ends the call.',
                parameters: { type: 'object', properties: {} },
              },
            ],
          },
        }),
      );
      agent.send(
        JSON.stringify({ type: 'response.create', response: { instructions: 'Say exactly: "Hello, how are you today?"' } }),
      );
    });

    agent.on('message', (data) => {
      const event = JSON.parse((data as Buffer).toString()) as {
        type: string;
        delta?: string;
        item?: { type: string; name?: string; status?: string };
      };
      if (event.type === 'response.output_audio.delta' && streamSid) {
        carrier.send(JSON.stringify({ event: 'media', streamSid, media: { payload: event.delta } }));
      }
      if (event.type === 'response.output_item.done' && event.item?.type === 'function_call' && event.item.name === 'end_call') {
        endCall()
          .then(() => {
            claims.add(callSid); // console.log('end_call: success')
            waiting.get(callSid)?.();
          })
          .catch(() => undefined); // the tool wrapper eats it
      }
    });
    agent.on('error', () => undefined);

    carrier.on('message', (data) => {
      const message = JSON.parse((data as Buffer).toString()) as {
        event: string;
        start?: { streamSid: string; callSid: string };
        media?: { payload: string };
        mark?: { name: string };
      };
      if (message.event === 'start' && message.start) {
        streamSid = message.start.streamSid;
        callSid = message.start.callSid;
        active_call_sid = callSid;
      }
      if (message.event === 'media' && agent.readyState === WebSocket.OPEN) {
        agent.send(JSON.stringify({ type: 'input_audio_buffer.append', audio: message.media?.payload }));
      }
      if (message.event === 'mark') markEchoed?.();
    });
    carrier.on('close', () => agent.close());

    async function endCall(): Promise<void> {
      switch (mistake) {
        case 'none':
          await client.calls(callSid).update({ status: 'completed' });
          return;
        case 'verb-after-connect':
          // "Closing both sockets hangs up." It lets the carrier go on to the next verb.
          agent.close();
          carrier.close();
          return;
        case 'only-the-agent-socket-closed':
          agent.close();
          return;
        case 'request-never-awaited':
          // Not awaited: the one failure that comes is nobody's.
          void client
            .calls(callSid)
            .update({ status: 'completed' })
            .catch(() => undefined);
          return;
        case 'wrong-sid':
          // The tool handler has only the stream's name at hand.
          await client
            .calls(streamSid)
            .update({ status: 'completed' })
            .catch(() => undefined);
          return;
        case 'canceled-instead-of-completed':
          await client.calls(callSid).update({ status: 'canceled' });
          return;
        case 'global-active-call-sid':
          await client
            .calls(active_call_sid)
            .update({ status: 'completed' })
            .catch(() => undefined);
          return;
        case 'waits-for-a-mark-that-never-comes':
          // The field is called streamSid; with another name the carrier warns once (31951) and drops the message.
          carrier.send(JSON.stringify({ event: 'mark', stream_sid: streamSid, mark: { name: 'goodbye' } }));
          await new Promise<void>((resolve) => (markEchoed = resolve));
          await client.calls(callSid).update({ status: 'completed' });
          return;
        case 'worker-dies-between-event-and-request':
          await publish(callSid);
          return;
      }
    }
  });

  const tail = mistake === 'verb-after-connect' ? '<Pause length="40"/>' : '';
  return {
    claimed: (callSid) => new Promise((resolve) => (claims.has(callSid) ? resolve() : waiting.set(callSid, resolve))),
    async placeCall(to) {
      const call = await client.calls.create({
        to,
        from,
        twiml: `<Response><Connect><Stream url="${url}"/></Connect>${tail}</Response>`,
      });
      return call.sid;
    },
    async close() {
      for (const socket of [...agents, ...media.clients]) socket.terminate();
      media.close();
      http.closeAllConnections();
      await new Promise((resolve) => http.close(resolve));
    },
  };
}
