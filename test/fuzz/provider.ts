import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { systemTimers } from '@onhook/service';
import { WebSocket, WebSocketServer } from 'ws';

/** One agent's session, seen by its provider. */
export interface ProviderSession {
  readonly callId: string;
  readonly socket: WebSocket;
  /** Every byte that it was given to hear. */
  heard(): Buffer;
}

export interface Provider {
  readonly url: string;
  /** Sessions that are open. */
  open(): number;
  session(callId: string): ProviderSession | undefined;
  close(): Promise<void>;
}

const FRAME_MS = 20;

/**
 * A provider of a few lines: configures, and then speaks without a pause. `hostile` may take a session for itself.
 *
 * @param voice the byte of which all that it says is made
 */
export async function startProvider(
  voice: number,
  hostile: (session: ProviderSession) => boolean = () => false,
): Promise<Provider> {
  const server = new WebSocketServer({ host: '127.0.0.1', port: 0, perMessageDeflate: false });
  const sessions = new Map<string, ProviderSession>();
  let open = 0;
  server.on('connection', (socket, request) => {
    open++;
    socket.on('error', () => {}); // what comes of hostile frames is what is tried here
    socket.on('close', () => void open--);
    const heard: Buffer[] = [];
    const session: ProviderSession = {
      callId: String(request.headers['x-onhook-call-id']),
      socket,
      heard: () => Buffer.concat(heard),
    };
    sessions.set(session.callId, session);
    socket.on('message', (data: Buffer) => {
      const event = JSON.parse(data.toString('utf8')) as { type: string; audio?: string };
      if (event.type === 'input_audio_buffer.append') heard.push(Buffer.from(event.audio!, 'base64'));
    });
    if (!hostile(session)) speakFor(socket, voice);
  });
  await once(server, 'listening');
  return {
    url: `ws://127.0.0.1:${(server.address() as AddressInfo).port}/`,
    open: () => open,
    session: (callId) => sessions.get(callId),
    async close() {
      for (const socket of server.clients) socket.terminate();
      server.close();
      await once(server, 'close');
    },
  };
}

/** The events that open a session; the gateway needs no more to be content. */
export const CREATED = {
  type: 'session.created',
  event_id: 'e1',
  session: { id: 'sess_fuzz', object: 'realtime.session', type: 'realtime' },
};
export const UPDATED = { ...CREATED, type: 'session.updated', event_id: 'e2' };

function speakFor(socket: WebSocket, voice: number): void {
  const send = (event: unknown): void => void (socket.readyState === WebSocket.OPEN && socket.send(JSON.stringify(event)));
  send(CREATED);
  const delta = Buffer.alloc(8 * FRAME_MS, voice).toString('base64');
  socket.once('message', () => {
    send(UPDATED);
    send({ type: 'response.created', event_id: 'e3', response: { id: 'resp_1', status: 'in_progress' } });
    const item = { response_id: 'resp_1', item_id: 'item_1', output_index: 0, content_index: 0 };
    const timer = systemTimers.every(FRAME_MS, () =>
      send({ type: 'response.output_audio.delta', event_id: 'e4', ...item, delta }),
    );
    socket.on('close', () => timer.cancel());
  });
}
