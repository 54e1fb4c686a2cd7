import { createHmac } from 'node:crypto';
import { fillVariables, type CallId, type HttpTool, type Variables } from '@onhook/contracts';
import type { FailedRequest, GuardedAnswer, GuardedRequest, SendGuarded } from '@onhook/outbound';
import type { Clock, Logger } from '@onhook/service';
import { z } from 'zod';
import type { CallTool, ToolAnswer, ToolCall } from '../toolbox.js';

/** A tool of an agent's file, checked once: what it needs besides a call. */
export interface PreparedHttpTool {
  readonly tool: HttpTool;
  readonly check: (args: unknown) => ArgsVerdict;
  readonly secretHeaders: Readonly<Record<string, string>>;
  readonly signingSecret: string | null;
}

type ArgsVerdict =
  | { readonly ok: true; readonly args: Readonly<Record<string, unknown>> }
  | { readonly ok: false; readonly problems: string };

/** @param secretOf by the name of an environment variable; whoever calls this has checked that they are all there */
export function prepareHttpTool(tool: HttpTool, secretOf: (name: string) => string): PreparedHttpTool {
  const schema = z.fromJSONSchema(tool.parameters);
  return {
    tool,
    check(given) {
      const result = schema.safeParse(given ?? {});
      if (result.success && typeof result.data === 'object' && result.data !== null)
        return { ok: true, args: result.data as Record<string, unknown> };
      const issues = result.error?.issues ?? [];
      return {
        ok: false,
        problems: issues.map(({ path, message }) => `${path.join('.') || 'arguments'}: ${message}`).join('; '),
      };
    },
    secretHeaders: Object.fromEntries(Object.entries(tool.secretHeaders).map(([header, name]) => [header, secretOf(name)])),
    signingSecret: tool.signingSecret === undefined ? null : secretOf(tool.signingSecret),
  };
}

interface HttpToolDeps {
  readonly prepared: PreparedHttpTool;
  readonly send: SendGuarded;
  readonly callId: CallId;
  readonly attempt: number;
  readonly variables: Variables;
  readonly clock: Pick<Clock, 'now' | 'monotonicMs'>;
  readonly logger: Logger;
  /** Of the call: nobody is left to hear an answer. */
  readonly signal: AbortSignal;
}

/** Asks a service of the operator's, and tells the model what it said, or in plain words why it said nothing. */
export function createHttpCallTool(deps: HttpToolDeps): CallTool {
  const { prepared, send, clock, logger, signal } = deps;
  const { name, description, parameters, timeoutMs, maxResponseBytes } = prepared.tool;

  return {
    definition: { name, description, parameters },
    run(call) {
      const verdict = prepared.check(call.args);
      if (call.args === null) return said('The arguments are no JSON object.');
      if (!verdict.ok) return said(`The arguments are not valid: ${verdict.problems}`);
      return ask(call, verdict.args);
    },
  };

  async function ask(call: ToolCall, args: Readonly<Record<string, unknown>>): Promise<ToolAnswer | null> {
    const beganMs = clock.monotonicMs();
    const answer = await send({ ...requestFor(deps, call, args), timeoutMs, maxResponseBytes, signal });
    const outcome = answer.outcome === 'answered' ? answer.status : answer.reason;
    // Neither what was asked nor what was said: both speak of people.
    logger.info({ tool: name, outcome, ms: Math.round(clock.monotonicMs() - beganMs) }, 'tool was asked');
    if (answer.outcome === 'failed' && answer.reason === 'broken-off') return null;
    return said(answer.outcome === 'failed' ? FAILURES[answer.reason] : wordsOf(answer));
  }
}

const FAILURES: Readonly<Record<FailedRequest, string>> = {
  forbidden: 'This tool cannot be used: its address is not allowed.',
  timeout: 'This tool did not answer in time. It may or may not have done what was asked.',
  'too-large': 'This tool answered with more than can be read.',
  redirect: 'This tool has moved and cannot be used.',
  unreachable: 'This tool cannot be reached at the moment.',
  'broken-off': 'The call is over.',
};

function requestFor(
  { prepared, callId, attempt, variables, clock }: HttpToolDeps,
  { toolCallId, name }: ToolCall,
  args: Readonly<Record<string, unknown>>,
): Pick<GuardedRequest, 'url' | 'method' | 'headers' | 'body'> {
  const { tool, secretHeaders, signingSecret } = prepared;
  const encoded = Object.fromEntries(Object.entries(variables).map(([key, value]) => [key, encodeURIComponent(value)]));
  const url = new URL(fillVariables(tool.url, encoded));
  const constants = Object.entries(tool.constants).map(
    ([key, value]) => [key, typeof value === 'string' ? fillVariables(value, variables) : value] as const,
  );
  const fields = { ...args, ...Object.fromEntries(constants) };
  const isInQuery = tool.method === 'GET' || tool.method === 'DELETE';
  if (isInQuery) for (const [key, value] of Object.entries(fields)) url.searchParams.set(key, textOf(value));
  const body = isInQuery ? null : JSON.stringify(fields);
  return {
    url,
    method: tool.method,
    body,
    headers: {
      accept: 'application/json',
      'user-agent': 'onhook',
      ...tool.headers,
      ...secretHeaders,
      ...(body !== null && { 'content-type': 'application/json' }),
      'x-onhook-tool': name,
      'x-onhook-call-id': callId,
      'x-onhook-attempt': String(attempt),
      // One for each wish of the model: whoever is asked twice with the same has been asked once.
      'x-onhook-tool-call-id': toolCallId.replaceAll(/[^\x21-\x7e]/g, '_').slice(0, 200),
      ...(signingSecret !== null && {
        'x-onhook-signature': signatureOf(signingSecret, Math.floor(clock.now() / 1_000), url, body),
      }),
    },
  };
}

/** `t=<unix seconds>,v1=<hex>`: HMAC-SHA-256 over `t.path?query.body`. */
function signatureOf(secret: string, at: number, url: URL, body: string | null): string {
  const signed = `${at}.${url.pathname}${url.search}.${body ?? ''}`;
  return `t=${at},v1=${createHmac('sha256', secret).update(signed).digest('hex')}`;
}

/** What the model reads: the service's own JSON, or its text as a JSON string; with the status unless that is a success. */
function wordsOf({ status, contentType, body }: Extract<GuardedAnswer, { outcome: 'answered' }>): string {
  const said = /^application\/(?:[\w.-]+\+)?json\b/i.test(contentType) ? jsonOf(body) : body;
  if (status >= 200 && status < 300) return JSON.stringify(said === '' ? 'Done.' : said);
  return JSON.stringify({ error: `The tool answered with status ${status}.`, said });
}

function jsonOf(body: string): unknown {
  try {
    return JSON.parse(body) as unknown;
  } catch {
    // It says that it is JSON and is not: the model gets what there is.
    return body;
  }
}

const textOf = (value: unknown): string => (typeof value === 'string' ? value : JSON.stringify(value));
const said = (output: string): ToolAnswer => ({ output, respond: true });
