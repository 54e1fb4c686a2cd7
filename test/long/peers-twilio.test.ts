import { execFile } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startSimulator, type LedgerEntry, type Simulator } from '@onhook/simulator';

const root = path.resolve(import.meta.dirname, '../..');
const peers = path.join(root, 'test/peers');
const run = promisify(execFile);
const installWithinMs = 240_000;
const callWithinMs = 90_000;

/** What the model says; the tools are the programs' own. */
const scripts = JSON.parse(readFileSync(path.join(peers, 'scripts-for-twilio.json'), 'utf8')) as unknown[];

describe('programs of strangers, from npm, unmodified', () => {
  const caDir = mkdtempSync(path.join(tmpdir(), 'simulator-ca-'));
  let simulator: Simulator;
  beforeAll(async () => {
    simulator = await startSimulator({ speechCacheDir: path.join(root, '.onhook/speech'), tlsPort: 0, caDir });
    for (const script of scripts) {
      const answer = await fetch(`${simulator.url}/simulator/agent-scripts`, {
        method: 'POST',
        headers: { 'Content-Type': 'application/json' },
        body: JSON.stringify(script),
      });
      if (!answer.ok) throw new Error(await answer.text());
    }
  });
  afterAll(async () => {
    await simulator.close();
    rmSync(caDir, { recursive: true });
  });

  /** Its own packages, and the two hosts that it has hard-coded lead here. Resolves with the object that it prints last. */
  async function hold(peer: string, script: string, node: readonly [string, ...string[]]): Promise<Record<string, unknown>> {
    const cwd = path.join(peers, peer);
    const { PATH, HOME } = process.env;
    const base = { PATH, HOME, npm_config_audit: 'false', npm_config_fund: 'false' };
    await run('npm', ['ci', '--ignore-scripts'], { cwd, env: base, timeout: installWithinMs });
    const [command, ...flags] = node;
    const preload = path.join(root, 'test/conformance/programs/hosts-entry.mjs');
    const { stdout } = await run(command, [...flags, '--import', preload, 'program.mjs'], {
      cwd,
      timeout: callWithinMs,
      env: {
        ...base,
        HOSTS_ENTRY: 'api.twilio.com,api.openai.com',
        TLS_PORT: new URL(simulator.tlsUrl ?? '').port,
        NODE_EXTRA_CA_CERTS: simulator.caFile,
        TWILIO_ACCOUNT_SID: simulator.accountSid,
        TWILIO_AUTH_TOKEN: simulator.authToken,
        OPENAI_API_KEY: 'any',
        TO: '+14155550100',
        AGENT_INSTRUCTIONS: `You are the receptionist. [script:${script}]`,
      },
    });
    return JSON.parse(stdout.trim().split('\n').at(-1) ?? '') as Record<string, unknown>;
  }

  /** The ledger, not the program, says how the call went. */
  async function expectWholeCall(sid: unknown): Promise<void> {
    const of = (kind: string): LedgerEntry[] => simulator.entries({ kind }).filter((entry) => entry.callSid === sid);
    expect(of('carrier-ended')).toMatchObject([{ by: 'rest', status: 'completed' }]);
    expect(of('warning')).toEqual([]);
    // Both sides understood each other, by ear; the goodbye was heard to its end, and the hangup came after it.
    expect(of('callee-spoke').length).toBeGreaterThanOrEqual(2);
    const heard = of('line-heard').map(({ text }) => text);
    expect(heard).toEqual([
      'Hello, this is the clinic.',
      'Your appointment is at three. Is that fine?',
      'Thank you, and goodbye.',
    ]);
    expect(of('stream-closed')).toMatchObject([{ by: 'carrier', unplayedMs: 0 }]);
    await simulator.whenEntry(
      (entry) => entry.kind === 'agent-session-closed' && entry.seq > (of('create-request')[0]?.seq ?? 0),
    );
  }

  it('twilio-realtime-agents holds a call to its end, on Node 20', { timeout: 400_000 }, async () => {
    const outcome = await hold('twilio-realtime-agents', 'finishes-by-its-own-tool', [process.execPath]);
    expect(outcome).toMatchObject({ status: 'completed', signature: true, errors: [] });
    expect(outcome['happened']).toEqual(expect.arrayContaining(['playback.finished', 'transcript.user', 'tool.completed']));
    expect(outcome['happened']).not.toEqual(expect.arrayContaining(['provider.reconnecting']));
    await expectWholeCall(outcome['sid']);
  });

  it('the Twilio transport of @openai/agents-extensions holds a call to its end, on Node 22', { timeout: 400_000 }, async () => {
    const outcome = await hold('openai-agents-twilio', 'finishes-by-end-call', ['npx', '-y', 'node@22']);
    expect(outcome).toMatchObject({ status: 'completed', toolCalls: 1, errors: [] });
    await expectWholeCall(outcome['sid']);
  });
});
