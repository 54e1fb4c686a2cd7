import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import { silentLogger } from '@onhook/service';
import { startSimulator, type Simulator } from '@onhook/simulator';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { calleeLines, createSpeech } from '../../apps/simulator/src/speech/index.js';

// The official OpenAI clients, unmodified, hold a conversation with the simulator's voice agent. They are installed from the
// registry, each from its own lock, outside the workspaces.
const peers = path.join(import.meta.dirname, '../peers');
const run = promisify(execFile);
const spoken = calleeLines.thatIsMe;
const INSTALL_WITHIN_MS = 300_000;
const RUN_WITHIN_MS = 120_000;

let simulator: Simulator;
const dir = mkdtempSync(path.join(tmpdir(), 'peers-openai-'));
const speechFile = path.join(dir, 'speech.ulaw');

beforeAll(async () => {
  const cacheDir = path.resolve(import.meta.dirname, '../../.onhook/speech');
  const speech = createSpeech({ logger: silentLogger, cacheDir });
  const { audio } = await speech.line(spoken, 'rms');
  writeFileSync(speechFile, Buffer.concat([Buffer.alloc(2400, 0xff), audio, Buffer.alloc(8000, 0xff)]));
  const calls = { name: 'look_up', arguments: { day: 'tomorrow' }, thenSays: 'It is at three.' };
  const looksUp = { name: 'looks-up', greeting: 'Hello, how can I help you?', steps: { any: [{ says: 'One moment.', calls }] } };
  simulator = await startSimulator({ speech, tlsPort: 0, proxyPort: 0, caDir: dir });
  const added = await fetch(`${simulator.url}/simulator/agent-scripts`, {
    method: 'POST',
    headers: { 'Content-Type': 'application/json' },
    body: JSON.stringify(looksUp),
  });
  expect(added.status).toBe(204);
});
afterAll(async () => {
  await simulator.close();
  rmSync(dir, { recursive: true });
});

async function install(peer: string): Promise<void> {
  // The peers ask for newer Nodes than this one may be; they are run by their own.
  await run('npm', ['ci', '--prefix', path.join(peers, peer), '--ignore-scripts', '--no-engine-strict'], {
    timeout: INSTALL_WITHIN_MS,
  });
}

/** With an environment of its own: what the tester's machine has for proxies must not leak in. */
async function program(node: string[], file: string, env: NodeJS.ProcessEnv = {}): Promise<Record<string, unknown>> {
  const { PATH, HOME, npm_config_registry } = process.env;
  const [command = process.execPath, ...flags] = node;
  const { stdout } = await run(command, [...flags, path.join(peers, file)], {
    timeout: RUN_WITHIN_MS,
    env: {
      PATH,
      HOME,
      npm_config_registry,
      NODE_EXTRA_CA_CERTS: simulator.caFile,
      AGENT_URL: simulator.agentUrl,
      TLS_PORT: new URL(simulator.tlsUrl ?? '').port,
      SPEECH_FILE: speechFile,
      ...env,
    },
  });
  return JSON.parse(stdout) as Record<string, unknown>;
}

const wholeConversation = { transcript: spoken, said: 'It is at three.' };
const wholeAgentsConversation = { transcript: spoken, unknownShapes: [] };

describe.each([
  ['openai-sdk-20', [process.execPath]],
  ['openai-sdk-22', ['npx', '-y', 'node@22']],
])('the official clients of %s', (peer, node) => {
  beforeAll(() => install(peer), INSTALL_WITHIN_MS);

  it(
    'OpenAIRealtimeWS holds a session over TLS: audio both ways, a tool call, a truncation, an error',
    async () => {
      expect(await program(node, `${peer}/openai.mjs`)).toMatchObject(wholeConversation);
    },
    RUN_WITHIN_MS,
  );

  it(
    'the agents SDK holds a telephone session with a tool and an interruption, and one as it comes; its schemas know every event',
    async () => {
      expect(await program(node, `${peer}/agents.mjs`)).toMatchObject(wholeAgentsConversation);
    },
    RUN_WITHIN_MS,
  );
});

describe('a client with api.openai.com hard-coded, on the WebSocket of Node 22', () => {
  it(
    'holds the same session through the proxy',
    async () => {
      const { proxyUrl } = simulator;
      const env = { HTTPS_PROXY: proxyUrl, HTTP_PROXY: proxyUrl, NODE_USE_ENV_PROXY: '1' };
      const node = await run('npx', ['-y', 'node@22', '-p', 'process.execPath'], { timeout: INSTALL_WITHIN_MS });
      expect(await program([node.stdout.trim()], 'openai-sdk-22/openai-native.mjs', env)).toMatchObject(wholeConversation);
    },
    RUN_WITHIN_MS,
  );
});
