import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import { createApiClient } from './api-client.js';

let server: Server | undefined;
const asked: string[] = [];
afterEach(() => {
  server?.close();
  asked.length = 0;
});

/** An api that answers with these, one after another; 0 cuts the connection, the last one stays. */
async function apiThatAnswers(...statuses: number[]): Promise<string> {
  server = createServer((request, response) => {
    asked.push(`${request.method} ${String(request.headers['idempotency-key'] ?? '')}`);
    const status = statuses.length > 1 ? statuses.shift()! : statuses[0]!;
    if (status === 0) request.socket.destroy();
    else response.writeHead(status, { Connection: 'close' }).end('{"id":"call_1"}');
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

describe('the way of the demonstration through the API', () => {
  it('asks a busy machine again, and places one call by one key', async () => {
    const api = createApiClient(await apiThatAnswers(503, 0, 200), 'key', new AbortController().signal);
    expect(await api.placeCall({ to: '+14155550100', agentId: 'demo' }, 'demo-1')).toEqual({ id: 'call_1' });
    expect(asked).toEqual(['POST demo-1', 'POST demo-1', 'POST demo-1']);
  });

  it('does not ask again what is its own mistake', async () => {
    const api = createApiClient(await apiThatAnswers(401), 'key', new AbortController().signal);
    await expect(api.readCall('call_1')).rejects.toThrow('GET /v1/calls/call_1 was answered 401');
    expect(asked).toHaveLength(1);
  });

  it('gives up at the deadline, with the last answer', async () => {
    const deadline = new AbortController();
    const api = createApiClient(await apiThatAnswers(503), 'key', deadline.signal);
    const refused = api.readCall('call_1').catch(String);
    await expect.poll(() => asked.length).toBeGreaterThan(1);
    deadline.abort();
    expect(await refused).toContain('was answered 503');
  });

  it('has no recording where there is none yet', async () => {
    const api = createApiClient(await apiThatAnswers(404), 'key', new AbortController().signal);
    expect(await api.readRecording('call_1')).toBeNull();
  });
});
