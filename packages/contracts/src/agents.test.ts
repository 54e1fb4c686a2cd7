import { describe, expect, it } from 'vitest';
import { agentProblems, agentSchema, fillVariables, missingVariables, openingWords } from './agents.js';

const agent = agentSchema.parse({
  id: 'demo',
  name: 'Demo',
  instructions: 'Be kind.',
  greeting: 'I am calling about {{ what }}.',
});

describe('an agent', () => {
  it('says first that it is an AI, unless that is switched off', () => {
    expect(openingWords(agent, { what: 'your visit' })).toBe(
      'Hello. I am an automated AI assistant. I am calling about your visit.',
    );
    expect(openingWords({ ...agent, discloseAi: false }, { what: 'your visit' })).toBe('I am calling about your visit.');
  });

  it('fills variables in, and leaves no gap for one that is missing', () => {
    expect(fillVariables('{{a}} and {{ b }} and {{c-d}}', { a: 1, b: true, 'c-d': 'x' })).toBe('1 and true and x');
    expect(fillVariables('Hello {{name}} there', {})).toBe('Hello there');
    expect(fillVariables('{{constructor}}', {})).toBe('');
  });

  it('a variable cannot smuggle in another one', () => {
    expect(fillVariables('{{a}}', { a: '{{b}}', b: 'secret' })).toBe('{{b}}');
  });

  it('refuses fields it does not know and ids that could be paths', () => {
    expect(agentSchema.safeParse({ ...agent, voise: 'marin' }).success).toBe(false);
    for (const id of ['../x', 'A', '', '-a', 'a/b', 'a'.repeat(64)])
      expect(agentSchema.safeParse({ ...agent, id }).success).toBe(false);
  });
});

describe('the variables of an agent', () => {
  const source = { id: 'demo', name: 'Demo', instructions: 'Ask {{who}}.', greeting: 'I call about {{what}}, {{who}}.' };

  it('are missing if a text uses them and neither the call nor the agent gives them', () => {
    expect(missingVariables(agentSchema.parse(source), {})).toEqual(['what', 'who']);
    const withDefault = agentSchema.parse({ ...source, variables: { what: 'your visit' } });
    expect(missingVariables(withDefault, { who: '' })).toEqual([]);
    expect(missingVariables(withDefault, { what: 'x' })).toEqual(['who']);
  });

  it('of a call go before those of the agent', () => {
    const withDefault = agentSchema.parse({ ...source, discloseAi: false, variables: { what: 'your visit' } });
    expect(openingWords(withDefault, { who: 'Ada' })).toBe('I call about your visit, Ada.');
    expect(openingWords(withDefault, { who: 'Ada', what: 'a bill' })).toBe('I call about a bill, Ada.');
  });

  it('are looked for in everything that is said or sent', () => {
    const everywhere = agentSchema.parse({
      ...source,
      disclosure: '{{a}}',
      voicemail: { machine: 'leave-message', message: '{{b}}' },
      tools: {
        transfer: { targets: { desk: { number: '+14155550123', description: 'The desk.' } }, unreachable: '{{c}}' },
        http: [{ name: 'look', description: 'Looks.', url: 'https://example.com/{{d}}', constants: { order: '{{e}}', n: 1 } }],
      },
    });
    expect(missingVariables(everywhere, {})).toEqual(['a', 'b', 'c', 'd', 'e', 'what', 'who']);
    expect(missingVariables({ ...everywhere, discloseAi: false }, {})).not.toContain('a');
  });
});

describe('the tools of an agent', () => {
  const source = { id: 'demo', name: 'Demo', instructions: 'x', greeting: 'x' };
  const http = { name: 'look_up', description: 'Looks up.', url: 'https://example.com/orders' };
  const problemsOf = (tools: unknown): string[] => {
    const result = agentSchema.safeParse({ ...source, tools });
    return result.success ? [] : agentProblems(result.error).map((problem) => problem.replace(/^tools\./, ''));
  };

  it('are none but end_call, unless the file names some', () => {
    expect(agentSchema.parse(source).tools).toEqual({ sendDtmf: false, http: [] });
    expect(agentSchema.parse({ ...source, tools: { http: [http] } }).tools.http[0]).toMatchObject({
      method: 'POST',
      timeoutMs: 5_000,
      parameters: { type: 'object' },
    });
  });

  it.each([
    ['no target', { transfer: { targets: {} } }, 'transfer.targets: needs at least one target'],
    [
      'a target without a number',
      { transfer: { targets: { desk: { number: '12', description: 'x' } } } },
      'transfer.targets.desk.number: must be a number like +14155550123',
    ],
    ['a tool with a name of ours', { http: [{ ...http, name: 'end_call' }] }, 'http: has a tool with a name of ours'],
    ['two tools of one name', { http: [http, http] }, 'http: has two tools of one name'],
    [
      'a host that a variable chooses',
      { http: [{ ...http, url: 'https://{{host}}/x' }] },
      'http.0.url: may have no variable and no password before its path',
    ],
    [
      'a password in the URL',
      { http: [{ ...http, url: 'https://me:secret@example.com/x' }] },
      'http.0.url: may have no variable and no password before its path',
    ],
    ['another kind of URL', { http: [{ ...http, url: 'file:///etc/passwd' }] }, 'http.0.url: must be an http(s) URL'],
    [
      'a secret of ours',
      { http: [{ ...http, secretHeaders: { authorization: 'TWILIO_AUTH_TOKEN' } }] },
      'http.0.secretHeaders.authorization: must be the name of an environment variable that begins with TOOL_',
    ],
    [
      'a header of ours',
      { http: [{ ...http, headers: { 'X-Onhook-Signature': 'x' } }] },
      'http.0.headers.X-Onhook-Signature: is set by the gateway',
    ],
    [
      'what is no schema',
      { http: [{ ...http, parameters: { type: 'object', properties: { a: { type: 'strng' } } } }] },
      'http.0.parameters: is no JSON Schema that can be checked',
    ],
    [
      'a constant that the model may choose too',
      { http: [{ ...http, constants: { id: 1 }, parameters: { type: 'object', properties: { id: {} } } }] },
      'http.0: has a constant that is a parameter too',
    ],
  ])('refuse %s', (_, tools, problem) => {
    expect(problemsOf(tools)).toContain(problem);
  });
});

describe('the voicemail policy', () => {
  const source = { id: 'demo', name: 'Demo', instructions: 'x', greeting: 'x' };

  it('is none unless the file has one: finding out who answered costs money', () => {
    expect(agentSchema.parse(source).voicemail).toBeUndefined();
    expect(agentSchema.parse({ ...source, voicemail: {} }).voicemail).toEqual({ machine: 'hang-up', unknown: 'continue' });
  });

  it('needs a message to leave one', () => {
    expect(agentSchema.safeParse({ ...source, voicemail: { machine: 'leave-message' } }).success).toBe(false);
    expect(agentSchema.safeParse({ ...source, voicemail: { unknown: 'leave-message', message: 'Call us.' } }).success).toBe(true);
  });
});
