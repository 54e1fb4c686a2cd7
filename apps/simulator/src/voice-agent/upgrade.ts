import type { IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';

export interface Upgrade {
  model: string;
  /** The client asks for the protocol that ended in May 2026. */
  beta: boolean;
  /** What the client says about the call that it is for, to find it again in the ledger. */
  labels: { callId?: string; attempt?: string };
}

export interface Refusal {
  status: keyof typeof STATUS_TEXT;
  code: string;
  message: string;
}

const STATUS_TEXT = {
  400: 'Bad Request',
  401: 'Unauthorized',
  403: 'Forbidden',
  404: 'Not Found',
  408: 'Request Timeout',
  429: 'Too Many Requests',
  500: 'Internal Server Error',
  502: 'Bad Gateway',
  503: 'Service Unavailable',
  504: 'Gateway Timeout',
};
const BASE = 'http://localhost';
const KEY_PROTOCOL = 'openai-insecure-api-key.';

/** Reads who wants what. The key may be any; but one must be there. */
export function readUpgrade({ url = '', headers }: IncomingMessage): Upgrade | Refusal {
  if (!URL.canParse(url, BASE)) return { status: 400, code: 'invalid_url', message: 'The URL cannot be read.' };
  const { pathname, searchParams } = new URL(url, BASE);
  if (pathname !== '/v1/realtime' && pathname !== '/openai/v1/realtime') {
    return { status: 404, code: 'not_found', message: `Invalid URL (GET ${pathname})` };
  }
  const protocols = (headers['sec-websocket-protocol'] ?? '').split(',').map((protocol) => protocol.trim());
  const bearer = /^Bearer\s+(\S+)$/i.exec(headers.authorization ?? '')?.[1];
  const key = bearer ?? headers['api-key'] ?? protocols.find((protocol) => protocol.startsWith(KEY_PROTOCOL));
  if (!key) return { status: 401, code: 'missing_api_key', message: 'Missing bearer or basic authentication in header' };
  const model = searchParams.get('model');
  if (!model) return { status: 400, code: 'missing_model', message: 'You must provide a model parameter.' };
  const beta = headers['openai-beta'] !== undefined || protocols.some((protocol) => protocol.startsWith('openai-beta.'));
  const [callId, attempt] = [headers['x-onhook-call-id'], headers['x-onhook-attempt']];
  return {
    model,
    beta,
    labels: { ...(typeof callId === 'string' && { callId }), ...(typeof attempt === 'string' && { attempt }) },
  };
}

/** Answers an upgrade with an HTTP error and hangs up. */
export function refuseUpgrade(socket: Duplex, { status, code, message }: Refusal): void {
  const body = JSON.stringify({ error: { message, type: 'invalid_request_error', param: null, code } });
  socket.on('error', () => socket.destroy());
  socket.end(
    [
      `HTTP/1.1 ${status} ${STATUS_TEXT[status]}`,
      'Content-Type: application/json',
      `Content-Length: ${Buffer.byteLength(body)}`,
      'Connection: close',
      '',
      body,
    ].join('\r\n'),
  );
}
