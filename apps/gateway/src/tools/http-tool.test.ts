import { createHmac } from 'node:crypto';
import { agentSchema, type CallId, type HttpTool } from '@onhook/contracts';
import { silentLogger } from '@onhook/service';
import { createVirtualTime } from '@onhook/service/virtual-time';
import { describe, expect, it } from 'vitest';
import type { GuardedAnswer, GuardedRequest } from '@onhook/outbound';
import { createHttpCallTool, prepareHttpTool } from './http-tool.js';

const source = {
  name: 'book_slot',
  description: 'Books a slot.',
  url: 'https://crm.example/{{customer}}/slots?day={{day}}',
  parameters: {
    type: 'object',
    properties: { slot: { type: 'string', maxLength: 5 } },
    required: ['slot'],
    additionalProperties: false,
  },
};
const toolOf = (change: Record<string, unknown> = {}): HttpTool =>
  agentSchema.parse({ id: 'a', name: 'A', instructions: 'x', greeting: 'x', tools: { http: [{ ...source, ...change }] } }).tools
    .http[0]!;

function bench(change: Record<string, unknown> = {}, answer: Partial<GuardedAnswer> = {}) {
  const requests: GuardedRequest[] = [];
  const time = createVirtualTime();
  const tool = createHttpCallTool({
    prepared: prepareHttpTool(toolOf(change), (name) => `value of ${name}`),
    send: async (request) => {
      requests.push(request);
      return {
        outcome: 'answered',
        status: 200,
        contentType: 'application/json',
        body: '{"ok": true}',
        ...answer,
      } as GuardedAnswer;
    },
    callId: 'call_a_1' as CallId,
    attempt: 2,
    variables: { customer: 'a/b ü', day: 'Mon', order: 7 },
    clock: time,
    logger: silentLogger,
    signal: new AbortController().signal,
  });
  const run = async (args: Record<string, unknown> | null = { slot: '3 pm' }) =>
    tool.run({ toolCallId: 'tool-9', turnId: 't', name: 'book_slot', args }, { hasAudio: false, isGreeting: false });
  return { tool, run, requests, time };
}

describe('a tool of the operator', () => {
  it('is shown to the model as the file has it, and nothing more', () => {
    const { tool } = bench({ constants: { order: '{{order}}' } });
    expect(tool.definition).toEqual({ name: 'book_slot', description: 'Books a slot.', parameters: source.parameters });
  });

  it('is asked by POST with arguments and constants as JSON, variables filled into URL and constants', async () => {
    const { run, requests } = bench({ constants: { order: '{{order}}', urgent: true } });
    expect(await run()).toEqual({ output: '{"ok":true}', respond: true });
    const [request] = requests;
    expect(request?.url.href).toBe('https://crm.example/a%2Fb%20%C3%BC/slots?day=Mon');
    expect(JSON.parse(request?.body ?? '')).toEqual({ slot: '3 pm', order: '7', urgent: true });
    expect(request).toMatchObject({ method: 'POST', timeoutMs: 5_000, maxResponseBytes: 16_384 });
    expect(request?.headers).toMatchObject({
      'content-type': 'application/json',
      'x-onhook-call-id': 'call_a_1',
      'x-onhook-attempt': '2',
      'x-onhook-tool': 'book_slot',
      'x-onhook-tool-call-id': 'tool-9',
    });
  });

  it('is asked by GET with everything in the query, and no body', async () => {
    const { run, requests } = bench({ method: 'GET', constants: { deep: 1 } });
    await run();
    expect([requests[0]?.url.search, requests[0]?.body]).toEqual(['?day=Mon&slot=3+pm&deep=1', null]);
  });

  it('a constant is not for the model to change', async () => {
    const { run, requests } = bench({ constants: { order: 1 }, parameters: { type: 'object' } });
    await run({ order: 2, slot: 'x' });
    expect(JSON.parse(requests[0]?.body ?? '')).toEqual({ order: 1, slot: 'x' });
  });

  it('sends secrets from the environment, and signs', async () => {
    const { run, requests, time } = bench({ secretHeaders: { authorization: 'TOOL_CRM' }, signingSecret: 'TOOL_KEY' });
    await run();
    const { headers, url, body } = requests[0]!;
    expect(headers['authorization']).toBe('value of TOOL_CRM');
    const at = Math.floor(time.now() / 1_000);
    const expected = createHmac('sha256', 'value of TOOL_KEY').update(`${at}.${url.pathname}${url.search}.${body}`).digest('hex');
    expect(headers['x-onhook-signature']).toBe(`t=${at},v1=${expected}`);
  });

  it.each([
    ['what is no JSON', null, 'The arguments are no JSON object.'],
    ['a missing argument', {}, 'The arguments are not valid: slot: Invalid input: expected string, received undefined'],
    ['a wrong one', { slot: 'too long' }, 'The arguments are not valid: slot: Too big: expected string to have <=5 characters'],
    ['one too many', { slot: 'x', url: 'http://evil' }, 'The arguments are not valid: arguments: Unrecognized key: "url"'],
  ])('is not asked with %s: the model is told', async (_, args, output) => {
    const { run, requests } = bench();
    expect(await run(args)).toEqual({ output, respond: true });
    expect(requests).toEqual([]);
  });

  it.each([
    [{ contentType: 'text/plain', body: 'fine' }, '"fine"'],
    [{ body: '' }, '"Done."'],
    [{ body: '{broken' }, '"{broken"'],
    [{ status: 404, body: '{"why":"gone"}' }, '{"error":"The tool answered with status 404.","said":{"why":"gone"}}'],
    [{ outcome: 'failed', reason: 'timeout' }, 'This tool did not answer in time. It may or may not have done what was asked.'],
    [{ outcome: 'failed', reason: 'forbidden' }, 'This tool cannot be used: its address is not allowed.'],
  ] as const)('that answers %j is told as %s', async (answer, output) => {
    expect(await bench({}, answer as Partial<GuardedAnswer>).run()).toEqual({ output, respond: true });
  });

  it('has nobody to tell when the call is over', async () => {
    expect(await bench({}, { outcome: 'failed', reason: 'broken-off' }).run()).toBeNull();
  });
});
