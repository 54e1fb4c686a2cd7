import type { CallView } from '@onhook/contracts';
import { systemTimers } from '@onhook/service';

export interface ApiClient {
  isReady(): Promise<boolean>;
  placeCall(body: { to: string; agentId: string }, idempotencyKey: string): Promise<CallView>;
  /** With its timeline. */
  readCall(id: string): Promise<CallView>;
  /** The WAV file, or null while there is none. */
  readRecording(id: string): Promise<Uint8Array | null>;
}

const ANSWER_WITHIN_MS = 10_000;
const AGAIN_AFTER_MS = 200;
/** The caller's own mistake: asked again, it would be answered the same. Not so a conflict with a first try still under way. */
const isFinal = (status: number): boolean => status >= 400 && status < 500 && ![408, 409, 425, 429].includes(status);

/**
 * The demonstration goes the way of every user: through the API, with a key. A machine that is busy answers late or with 503;
 * until `deadline` aborts it is asked again.
 */
export function createApiClient(apiUrl: string, apiKey: string, deadline: AbortSignal): ApiClient {
  const headers = { Authorization: `Bearer ${apiKey}` };

  /** Safe for a POST too: it carries an Idempotency-Key. */
  async function ask(path: string, init: RequestInit = {}): Promise<Answer> {
    for (;;) {
      const answer = await fetch(apiUrl + path, {
        ...init,
        headers: { ...headers, ...init.headers },
        signal: AbortSignal.timeout(ANSWER_WITHIN_MS),
      })
        .then(async (response) => ({ status: response.status, body: new Uint8Array(await response.arrayBuffer()) }))
        .catch((error: unknown) => error);
      if (isAnswer(answer) && (answer.status < 400 || isFinal(answer.status))) return answer;
      if (deadline.aborted)
        throw isAnswer(answer)
          ? refused(`${init.method ?? 'GET'} ${path}`, answer)
          : new Error(`${path} was not answered`, { cause: answer });
      await systemTimers.sleep(AGAIN_AFTER_MS, deadline);
    }
  }

  async function json(path: string, init: RequestInit = {}): Promise<CallView> {
    const answer = await ask(path, init);
    if (answer.status >= 400) throw refused(`${init.method ?? 'GET'} ${path}`, answer);
    return JSON.parse(Buffer.from(answer.body).toString()) as CallView;
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
      const answer = await ask(`/v1/calls/${id}/recording`);
      if (answer.status === 404) return null;
      if (answer.status >= 400) throw refused('the recording', answer);
      return answer.body;
    },
  };
}

interface Answer {
  readonly status: number;
  readonly body: Uint8Array;
}

const isAnswer = (answer: unknown): answer is Answer => typeof answer === 'object' && answer !== null && 'status' in answer;

const refused = (what: string, { status, body }: Answer): Error =>
  new Error(`${what} was answered ${status}: ${Buffer.from(body).toString().slice(0, 500)}`);
