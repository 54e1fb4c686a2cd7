import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startSimulator, type Simulator } from '@onhook/simulator';

const programs = path.join(import.meta.dirname, 'programs');
const run = promisify(execFile);

describe('a program with api.twilio.com hard-coded (the official SDK, unmodified)', () => {
  const caDir = mkdtempSync(path.join(tmpdir(), 'simulator-ca-'));
  let simulator: Simulator;
  beforeAll(async () => {
    const speechCacheDir = path.resolve(import.meta.dirname, '../../.onhook/speech');
    simulator = await startSimulator({ speechCacheDir, tlsPort: 0, proxyPort: 0, caDir });
  });
  afterAll(async () => {
    await simulator.close();
    rmSync(caDir, { recursive: true });
  });

  /** With an environment of its own: what the tester's machine has for proxies must not leak in. */
  async function program(env: NodeJS.ProcessEnv, ...flags: string[]): Promise<Record<string, unknown>> {
    const { accountSid, authToken, caFile } = simulator;
    const { stdout } = await run(process.execPath, [...flags, path.join(programs, 'hard-coded.mjs')], {
      timeout: 25_000,
      env: {
        TWILIO_ACCOUNT_SID: accountSid,
        TWILIO_AUTH_TOKEN: authToken,
        ...(caFile !== undefined && { NODE_EXTRA_CA_CERTS: caFile }),
        ...env,
      },
    });
    return JSON.parse(stdout) as Record<string, unknown>;
  }

  function expectWholeCall(outcome: Record<string, unknown>): void {
    const { sid } = outcome;
    expect(outcome).toEqual({ sid, created: 'queued', fetched: sid, ended: expect.any(String), unknown: 20404 });
    const [ended] = simulator.entries({ kind: 'carrier-ended' }).filter((entry) => entry.callSid === sid);
    expect(ended).toMatchObject({ by: 'rest' });
  }

  it('holds a whole call through the proxy', async () => {
    expectWholeCall(await program({ HTTP_PROXY: simulator.proxyUrl }));
    expect(simulator.entries({ kind: 'proxy-connected' })).not.toEqual([]);
  });

  it('holds a whole call by a hosts entry', async () => {
    const tlsPort = new URL(simulator.tlsUrl ?? '').port;
    const hosts = { HOSTS_ENTRY: 'api.twilio.com', TLS_PORT: tlsPort };
    expectWholeCall(await program(hosts, '--import', path.join(programs, 'hosts-entry.mjs')));
  });

  it('fails without the CA, and the ledger says why', async () => {
    await expect(program({ HTTP_PROXY: simulator.proxyUrl, NODE_EXTRA_CA_CERTS: undefined })).rejects.toThrow(/certificate/);
    await simulator.whenEntry((entry) => entry.kind === 'tls-failed');
  });
});
