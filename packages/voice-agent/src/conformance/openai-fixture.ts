import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import { type WebSocket, WebSocketServer } from 'ws';

export type ClientEvent = Readonly<Record<string, unknown>> & { readonly type: string };

/** One socket of a provider of a few lines that speaks the GA protocol, moved by hand. */
export interface OpenAiFixtureSession {
  readonly headers: IncomingMessage['headers'];
  readonly url: string;
  /** All that the client has sent, appended audio apart. */
  readonly events: readonly ClientEvent[];
  /** Frames of appended audio as they came. */
  readonly appended: readonly string[];
  send(event: Readonly<Record<string, unknown>>): void;
  sendRaw(frame: string | Buffer): void;
  startResponse(): string;
  audio(bytes: Uint8Array): void;
  endResponse(status?: string, details?: Readonly<Record<string, unknown>>): void;
  functionCall(call: { call_id: string; name: string; arguments: string; status?: string }): void;
  close(code?: number, reason?: string): void;
  cut(): void;
}

export interface OpenAiFixture {
  readonly url: string;
  readonly sessions: readonly OpenAiFixtureSession[];
  session(): OpenAiFixtureSession;
  /** What it does by itself: `session.created`, `session.updated`, a response for each `response.create`. */
  behaves(
    changes: Partial<{ greets: boolean; configures: boolean; responds: boolean; refusesUpgrade: number | null; stalls: boolean }>,
  ): void;
  stop(): Promise<void>;
}

export async function startOpenAiFixture(): Promise<OpenAiFixture> {
  const sessions: OpenAiFixtureSession[] = [];
  const behaviour = { greets: true, configures: true, responds: true, refusesUpgrade: null as number | null, stalls: false };
  const http = createServer();
  const sockets = new Set<Socket>();
  http.on('connection', (socket) => sockets.add(socket.on('close', () => sockets.delete(socket))));
  const server = new WebSocketServer({
    server: http,
    verifyClient: (_, answer) => {
      if (behaviour.stalls) return;
      answer(behaviour.refusesUpgrade === null, behaviour.refusesUpgrade ?? undefined);
    },
  });
  server.on('connection', (socket, request) => {
    sessions.push(openSession(socket, request, behaviour));
  });
  await new Promise<void>((resolve) => void http.listen(0, '127.0.0.1', resolve));
  return {
    url: `ws://127.0.0.1:${(http.address() as AddressInfo).port}/v1/realtime`,
    sessions,
    session() {
      const newest = sessions.at(-1);
      if (!newest) throw new Error('nobody has connected');
      return newest;
    },
    behaves: (changes) => void Object.assign(behaviour, changes),
    stop: () =>
      new Promise((resolve) => {
        for (const socket of sockets) socket.destroy();
        http.close(() => resolve());
      }),
  };
}

function openSession(
  socket: WebSocket,
  request: IncomingMessage,
  behaviour: { greets: boolean; configures: boolean; responds: boolean },
): OpenAiFixtureSession {
  const events: ClientEvent[] = [];
  const appended: string[] = [];
  let active: { responseId: string; itemId: string } | null = null;
  let count = 0;
  const send = (event: Readonly<Record<string, unknown>>): void =>
    socket.send(JSON.stringify({ event_id: `event_${++count}`, ...event }));
  const session = { id: 'sess_1', object: 'realtime.session', type: 'realtime', expires_at: 1_800_000_000 };

  function startResponse(metadata: unknown = null): string {
    active = { responseId: `resp_${++count}`, itemId: `item_${count}` };
    send({
      type: 'response.created',
      response: { object: 'realtime.response', id: active.responseId, status: 'in_progress', output: [], metadata },
    });
    return active.responseId;
  }

  socket.on('error', () => undefined);
  socket.on('message', (data: Buffer) => {
    const frame = data.toString('utf8');
    const event = JSON.parse(frame) as ClientEvent;
    if (event.type === 'input_audio_buffer.append') return void appended.push(frame);
    events.push(event);
    if (event.type === 'session.update' && behaviour.configures) send({ type: 'session.updated', session });
    if (event.type === 'response.create' && behaviour.responds) {
      if (!active) return void startResponse((event['response'] as { metadata?: unknown } | undefined)?.metadata);
      const code = 'conversation_already_has_active_response';
      send({ type: 'error', error: { type: 'invalid_request_error', code, message: code, event_id: null } });
    }
  });
  if (behaviour.greets) send({ type: 'session.created', session });

  return {
    headers: request.headers,
    url: request.url ?? '',
    events,
    appended,
    send,
    sendRaw: (frame) => socket.send(frame),
    startResponse: () => startResponse(),
    audio(bytes) {
      const { responseId, itemId } = active!;
      const ids = { response_id: responseId, item_id: itemId, output_index: 0, content_index: 0 };
      send({ type: 'response.output_audio.delta', ...ids, delta: Buffer.from(bytes).toString('base64') });
    },
    endResponse(status = 'completed', details) {
      const { responseId, itemId } = active!;
      active = null;
      send({ type: 'response.output_audio.done', response_id: responseId, item_id: itemId, output_index: 0, content_index: 0 });
      send({ type: 'response.done', response: { id: responseId, status, status_details: details ?? null, output: [] } });
    },
    functionCall({ status = 'completed', ...call }) {
      const item = { id: `item_${++count}`, type: 'function_call', status, ...call };
      send({ type: 'response.function_call_arguments.done', response_id: active!.responseId, item_id: item.id, ...call });
      send({ type: 'response.output_item.done', response_id: active!.responseId, output_index: 1, item });
    },
    close: (code = 1000, reason = '') => socket.close(code, reason),
    cut: () => socket.terminate(),
  };
}
