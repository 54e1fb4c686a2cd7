import { readFileSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { AgentSource, CallView } from '@onhook/contracts';
import type { LedgerEntry } from '@onhook/simulator';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openTestHouse, type TestHouse } from './house.js';

/** What agents do besides speak, through every process: agents as files, tools, transfer, keys, voicemail. */
let house: TestHouse;
let dir: string;
let crm: Server;
const asked: { method: string | undefined; url: string | undefined; headers: Record<string, unknown>; body: string }[] = [];

const TARGETS = {
  desk: { number: '+14155550177', description: 'The front desk.' },
  patient: { number: '+14155550178', description: 'Somebody with time.' },
  engaged: { number: '+14155550103', description: 'Somebody who is always on the phone.' },
};
const MESSAGE = 'This is Lakeside Dental. Please call us back. Goodbye.';

/** The simulated model follows a script; its name stands in the model. */
function agent(id: string, script: string, more: Partial<AgentSource> = {}): AgentSource {
  return {
    id,
    name: id,
    model: `gpt-realtime-2.1#script=${script}`,
    instructions: 'You test a telephone system.',
    greeting: 'Hello, how are you today?',
    discloseAi: false,
    ...more,
  };
}

const transfers = (target: string) => ({
  name: `transfers-to-${target}`,
  greeting: 'Hello, how are you today?',
  steps: {
    any: [
      {
        says: 'One moment, I will connect you.',
        calls: { name: 'transfer_call', arguments: { target }, thenSays: 'I am sorry, that did not work.' },
        next: 'after',
      },
    ],
    after: [{ next: 'end' }],
  },
});

const SCRIPTS = [
  transfers('desk'),
  transfers('engaged'),
  transfers('patient'),
  {
    name: 'asks-crm',
    greeting: 'Hello, how are you today?',
    steps: {
      any: [
        {
          calls: { name: 'book_slot', arguments: { slot: 'three' }, thenSays: 'Your appointment is booked.' },
          next: 'after',
        },
      ],
      after: [{ next: 'end' }],
    },
  },
  {
    name: 'hears-keys',
    greeting: 'Hello, how are you today?',
    steps: {
      first: [{ hears: 'pressed 1\\]', says: 'You pressed one. Which number is it?', next: 'second' }],
      second: [{ hears: 'pressed 4 7 1 1 #', says: 'Thank you, that is right.', next: 'third' }],
      third: [{ next: 'end' }],
    },
  },
  {
    name: 'presses-keys',
    greeting: 'Hello, how are you today?',
    steps: {
      menu: [{ hears: 'press one', calls: { name: 'send_dtmf', arguments: { digits: '1' } }, next: 'person' }],
      person: [{ hears: 'hello|that is me', next: 'end' }, { says: 'Hello, how are you today?' }],
    },
  },
];

beforeAll(async () => {
  crm = createServer((request, response) => {
    let body = '';
    request.on('data', (piece: Buffer) => (body += piece.toString()));
    request.on('end', () => {
      asked.push({ method: request.method, url: request.url, headers: request.headers, body });
      response.writeHead(200, { 'content-type': 'application/json' }).end('{"booked":true}');
    });
  });
  await new Promise<void>((resolve) => void crm.listen(0, '127.0.0.1', resolve));
  const crmUrl = `http://127.0.0.1:${(crm.address() as AddressInfo).port}`;

  dir = mkdtempSync(path.join(tmpdir(), 'onhook-agents-'));
  const transfer = { targets: TARGETS, ringSeconds: 5, limitSeconds: 60, unreachable: 'I am sorry, {{who}} cannot be reached.' };
  const agents = [
    agent('desk', 'transfers-to-desk', { tools: { transfer }, variables: { who: 'nobody' } }),
    agent('engaged', 'transfers-to-engaged', { tools: { transfer } }),
    agent('patient', 'transfers-to-patient', { tools: { transfer }, variables: { who: 'nobody' } }),
    agent('keys', 'hears-keys'),
    agent('presses', 'presses-keys', { tools: { sendDtmf: true } }),
    agent('leaves', 'never-ends', { voicemail: { machine: 'leave-message', message: MESSAGE } }),
    agent('hangs-up', 'never-ends', { voicemail: { machine: 'hang-up' } }),
    agent('goes-on', 'goodbye-at-once', { voicemail: { machine: 'continue' } }),
    agent('never-ends', 'never-ends'),
  ];
  for (const one of agents) writeFileSync(path.join(dir, `${one.id}.json`), JSON.stringify(one));
  // One as a module, with types in it.
  const booking = agent('booking', 'asks-crm', {
    tools: {
      http: [
        {
          name: 'book_slot',
          description: 'Books a slot.',
          url: `${crmUrl}/slots/{{patient}}`,
          parameters: {
            type: 'object',
            properties: { slot: { type: 'string' } },
            required: ['slot'],
            additionalProperties: false,
          },
          constants: { practice: 'lakeside' },
          secretHeaders: { authorization: 'TOOL_CRM' },
        },
      ],
    },
  });
  writeFileSync(
    path.join(dir, 'booking.ts'),
    `interface Some { id: string }\nconst agent = ${JSON.stringify(booking)} satisfies Some;\nexport default agent;\n`,
  );

  house = await openTestHouse({
    agentsDir: dir,
    env: { HTTP_TOOLS_ALLOWED_NETWORKS: '127.0.0.1', TOOL_CRM: 'Bearer secret-of-the-crm' },
  });
  for (const script of SCRIPTS) {
    const response = await fetch(`${house.simulator.url}/simulator/agent-scripts`, {
      method: 'POST',
      headers: { 'Content-Type': 'application/json' },
      body: JSON.stringify(script),
    });
    if (!response.ok) throw new Error(`script ${script.name} was answered ${response.status}: ${await response.text()}`);
  }
  await house.setScenario({ to: TARGETS.desk.number, persona: 'silent', hangUp: { when: 'after-answer', ms: 2_500 } });
  await house.setScenario({ to: TARGETS.patient.number, persona: 'silent' });
  await house.setScenario({ to: '+1415555041?', persona: 'voicemail' });
}, 120_000);
afterAll(async () => {
  await house?.close();
  crm?.closeAllConnections();
  await new Promise((resolve) => crm.close(resolve));
  rmSync(dir, { recursive: true, force: true });
});

const sidOf = (call: CallView): string => call.attempts[0]?.carrierCallId ?? 'none';
const ledgerOf = (call: CallView, kind: string): LedgerEntry[] => house.simulator.entries({ call: sidOf(call), kind });
const heardBy = (call: CallView): unknown[] => ledgerOf(call, 'line-heard').map(({ text }) => text);
const place = (agentId: string, to: string, variables: Record<string, string> = {}): Promise<CallView> =>
  house.placeCall({ to, agentId, variables });

describe.concurrent('a transfer', { timeout: 90_000 }, () => {
  it('connects the callee with somebody else, and nobody of ours ends it: the two do', async () => {
    const { id } = await place('desk', '+14155550310');
    const transferred = await house.until(id, ['transferred'], 30_000);
    expect(transferred).toMatchObject({ status: 'forwarding' });
    const call = await house.until(id, ['ended'], 30_000);
    expect(call).toMatchObject({ disposition: 'completed', cause: 'transferred', endedBy: 'carrier', endedParty: 'callee' });
    // The announcement was heard to its end before the stream was taken away.
    const [announcement] = ledgerOf(call, 'line-heard').filter(({ text }) => text === 'One moment, I will connect you.');
    expect(announcement).toMatchObject({ fromMs: 0, toMs: announcement?.['ofMs'] });
    const [bridged] = ledgerOf(call, 'bridged');
    const child = house.simulator.entries({ call: String(bridged?.['childSid']), kind: 'carrier-ended' })[0];
    expect(child).toMatchObject({ by: 'callee' });
    expect(Number(child?.['connectedMs'])).toBeGreaterThan(2_000);
    expect(ledgerOf(call, 'carrier-ended')).toMatchObject([{ by: 'twiml-hangup' }]);
    expect(ledgerOf(call, 'update-request')).toHaveLength(1);
    expect(call.timeline?.map(({ event }) => event)).toEqual(
      expect.arrayContaining(['transfer-asked', 'media-closed', 'transfer-ended']),
    );
    expect(house.simulator.entries({ kind: 'agent-session-closed' }).some((entry) => entry.callId === id)).toBe(true);
  });

  it('to somebody who cannot be reached says so, and ends as failed', async () => {
    const { id } = await place('engaged', '+14155550311', { who: 'my colleague' });
    const call = await house.until(id, ['ended'], 40_000);
    expect(call).toMatchObject({
      disposition: 'completed',
      cause: 'transfer-failed',
      endedParty: 'platform',
      endedBy: 'carrier',
    });
    expect(heardBy(call)).toContain('I am sorry, my colleague cannot be reached.');
  });

  it('that the carrier does not take gives the conversation back', async () => {
    await house.setFault({ kind: 'update-5xx', count: 1, to: '+14155550312' });
    const { id } = await place('desk', '+14155550312');
    const call = await house.until(id, ['ended'], 40_000);
    expect(call).toMatchObject({ cause: 'agent-ended-call', goodbye: 'played' });
    expect(call.timeline?.map(({ event }) => event)).toContain('transfer-failed');
    expect(ledgerOf(call, 'dialled')).toEqual([]);
  });

  it('whose answer is lost runs all the same, and is hung up on by nobody', async () => {
    await house.setFault({ kind: 'update-drop-after', count: 1, to: '+14155550313' });
    const { id } = await place('desk', '+14155550313');
    const call = await house.until(id, ['ended'], 40_000);
    expect(call).toMatchObject({ cause: 'transferred', endedBy: 'carrier' });
    expect(ledgerOf(call, 'bridged')).toHaveLength(1);
    expect(ledgerOf(call, 'carrier-ended')).toMatchObject([{ by: 'twiml-hangup' }]);
  });

  it('can be ended by an operator, both legs of it', async () => {
    const { id } = await place('patient', '+14155550314');
    const { attempts } = await house.until(id, ['transferred'], 30_000);
    const sid = attempts[0]?.carrierCallId ?? '';
    await house.simulator.whenEntry((entry) => entry.kind === 'bridged' && entry.callSid === sid, 10_000);
    expect((await house.api(`/v1/calls/${id}/end`, { method: 'POST', body: '{}' })).status).toBe(202);
    const call = await house.until(id, ['ended'], 10_000);
    expect(call).toMatchObject({ cause: 'operator-ended-call', endedBy: 'hangup-worker' });
    const child = String(ledgerOf(call, 'bridged')[0]?.['childSid']);
    expect(house.simulator.entries({ call: child, kind: 'carrier-ended' })).toHaveLength(1);
  });
});

describe.concurrent("a tool of the operator's", { timeout: 90_000 }, () => {
  it('is asked with what the model chose and what the call brings, and its answer goes on in the conversation', async () => {
    const { id } = await place('booking', '+14155550315', { patient: 'p 7' });
    const call = await house.until(id, ['ended'], 40_000);
    expect(call).toMatchObject({ cause: 'agent-ended-call' });
    expect(heardBy(call)).toContain('Your appointment is booked.');
    const [request] = asked;
    expect(request).toMatchObject({ method: 'POST', url: '/slots/p%207' });
    expect(JSON.parse(request?.body ?? '')).toEqual({ slot: 'three', practice: 'lakeside' });
    expect(request?.headers).toMatchObject({
      authorization: 'Bearer secret-of-the-crm',
      'x-onhook-call-id': id,
      'x-onhook-attempt': '1',
    });
  });

  it('that needs a variable which nobody gives is said before anybody is called', async () => {
    const response = await house.api('/v1/calls', {
      method: 'POST',
      body: JSON.stringify({ to: '+14155550316', agentId: 'booking' }),
    });
    const body = (await response.json()) as { errors?: { pointer: string }[] };
    expect([response.status, body.errors?.map(({ pointer }) => pointer)]).toEqual([422, ['/variables/patient']]);
  });
});

describe.concurrent('keys', { timeout: 90_000 }, () => {
  it('that the callee presses reach the agent, a number as a whole', async () => {
    const { id } = await place('keys', '+14155550123');
    const call = await house.until(id, ['ended'], 50_000);
    expect(call).toMatchObject({ cause: 'agent-ended-call' });
    expect(heardBy(call)).toEqual(expect.arrayContaining(['You pressed one. Which number is it?', 'Thank you, that is right.']));
  });

  it('that the agent presses are tones that a menu understands', async () => {
    const { id } = await place('presses', '+14155550119');
    const call = await house.until(id, ['ended'], 55_000);
    expect(ledgerOf(call, 'key-heard')).toMatchObject([{ key: '1' }]);
    expect(call).toMatchObject({ cause: 'agent-ended-call' });
  });
});

describe.concurrent('a machine that answers', { timeout: 90_000 }, () => {
  it('is left the message after the beep, whole, and then the call ends', async () => {
    const { id } = await place('leaves', '+14155550411');
    const call = await house.until(id, ['ended'], 50_000);
    expect(call).toMatchObject({
      answeredBy: 'machine',
      cause: 'voicemail-message-left',
      endedParty: 'platform',
      goodbye: 'played',
    });
    const message = ledgerOf(call, 'line-heard').find(({ text }) => text === MESSAGE);
    expect(message).toMatchObject({ fromMs: 0, toMs: message?.['ofMs'] });
    expect(Number(message?.['startedAt'])).toBeGreaterThan(Number(ledgerOf(call, 'amd-verdict')[0]?.at));
  });

  it('is hung up on at once, if that is the policy', async () => {
    const { id } = await place('hangs-up', '+14155550412');
    const call = await house.until(id, ['ended'], 40_000);
    expect(call).toMatchObject({ answeredBy: 'machine', cause: 'voicemail', endedBy: 'hangup-worker' });
    const [verdict] = ledgerOf(call, 'amd-verdict');
    const [ended] = ledgerOf(call, 'carrier-ended');
    expect(Number(ended?.mono) - Number(verdict?.mono)).toBeLessThan(3_000);
  });

  it('is spoken with, if that is the policy', async () => {
    const { id } = await place('goes-on', '+14155550317');
    expect(await house.until(id, ['ended'], 40_000)).toMatchObject({ answeredBy: 'human', cause: 'agent-ended-call' });
    const machine = await place('goes-on', '+14155550413');
    const call = await house.until(machine.id, ['ended'], 50_000);
    expect(call.answeredBy).toBe('machine');
    expect(call.cause).not.toBe('voicemail');
  });

  it('is not looked for on behalf of agents that have no policy', async () => {
    const { id } = await place('never-ends', '+14155550318');
    const bridged = await house.until(id, ['bridged'], 20_000);
    await house.api(`/v1/calls/${id}/end`, {
      method: 'POST',
      body: JSON.stringify({ message: 'We must stop here. Thank you.' }),
    });
    // The operator's last words reach the agent, and through it the callee, before the call ends.
    const call = await house.until(id, ['ended'], 30_000);
    expect(call).toMatchObject({ cause: 'operator-ended-call', endedParty: 'operator', goodbye: 'played', answeredBy: null });
    const words = ledgerOf(call, 'line-heard').find(({ text }) => text === 'We must stop here. Thank you.');
    expect(words).toMatchObject({ fromMs: 0, toMs: words?.['ofMs'] });
    expect(ledgerOf(bridged, 'amd-verdict')).toEqual([]);
  });
});

describe('what these calls leave in the logs', () => {
  it('is no number, secret, key or spoken word', () => {
    const logs = (['api', 'gateway', 'dialer', 'hangup'] as const)
      .map((name) => readFileSync(house.program(name).logFile, 'utf8'))
      .join('\n');
    expect(/\+1415555\d{4}/.exec(logs)).toBeNull();
    const secrets = ['secret-of-the-crm', 'pressed 4', 'connect you', 'cannot be reached', 'lakeside', 'Lakeside', 'booked'];
    expect(secrets.filter((secret) => logs.includes(secret))).toEqual([]);
  });
});
