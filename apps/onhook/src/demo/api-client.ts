import type { CallView } from '@onhook/contracts';

export interface ApiClient {
  isReady(): Promise<boolean>;
  placeCall(body: { to: string; agentId: string }, idempotencyKey: string): Promise<CallView>;
  /** With its timeline. */
  readCall(id: string): Promise<CallView>;
  /** The WAV file, or null while there is none. */
  readRecording(id: string): Promise<Uint8Array | null>;
}

/** The demonstration goes the way of every user: through the API, with a key. */
export function createApiClient(apiUrl: string, apiKey: string): ApiClient {
  const headers = { Authorization: `Bearer ${apiKey}` };

  async function json(path: string, init: RequestInit = {}): Promise<CallView> {
    const response = await fetch(apiUrl + path, {
      ...init,
      headers: { ...headers, ...init.headers },
      signal: AbortSignal.timeout(10_000),
    });
    const text = await response.text();
    if (!response.ok) throw new Error(`${init.method ?? 'GET'} ${path} was answered ${response.status}: ${text.slice(0, 500)}`);
    return JSON.parse(text) as CallView;
  }

  return {
    async isReady() {
      try {
        return (await fetch(`${apiUrl}/readyz`, { signal: AbortSignal.timeout(2_000) })).ok;
      } catch {
        return false; // not listening yet: the caller asks again
      }
    },
    placeCall: (body, idempotencyKey) =>
      json('/v1/calls', {
        method: 'POST',
        headers: { 'Content-Type': 'application/json', 'Idempotency-Key': idempotencyKey },
        body: JSON.stringify(body),
      }),
    readCall: (id) => json(`/v1/calls/${id}`),
    async readRecording(id) {
      const response = await fetch(`${apiUrl}/v1/calls/${id}/recording`, { headers, signal: AbortSignal.timeout(10_000) });
      if (response.status === 404) return null;
      if (!response.ok) throw new Error(`the recording was answered ${response.status}`);
      return new Uint8Array(await response.arrayBuffer());
    },
  };
}
