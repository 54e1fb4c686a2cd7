import { agentSchema, type Agent } from '@onhook/contracts';
import { ConfigError } from '@onhook/service';
import { describe, expect, it } from 'vitest';
import { readGatewayConfig, readToolSecrets } from './config.js';
import { END_OF_CALL_LIMITS } from './end-of-call-state.js';
import { GATEWAY_LIMITS } from './limits.js';

const GOOD = {
  REDIS_URL: 'redis://127.0.0.1:6379',
  MEDIA_PUBLIC_URL: 'wss://media.example.com/carrier/twilio/media',
  TWILIO_ACCOUNT_SID: `AC${'a'.repeat(32)}`,
  TWILIO_AUTH_TOKEN: 'x',
  STREAM_TOKEN_SECRET: 'a-secret-of-16-bytes',
  OPENAI_API_KEY: 'sk',
  AGENTS_DIR: 'agents',
  RECORDINGS_DIR: 'recordings',
};

describe('the configuration of the gateway', () => {
  it('needs what has no sensible default, and knows the rest', () => {
    expect(readGatewayConfig(GOOD)).toMatchObject({
      HOST: '127.0.0.1',
      SEATS: 200,
      STOP_WITHIN_MS: 90_000,
      PROTECT_GREETING: true,
      ONHOOK_PREFIX: 'onhook',
    });
  });

  it('has the same defaults as the limits in the code', () => {
    const { GOODBYE_SLACK_MS, GOODBYE_NO_AUDIO_MS, GOODBYE_QUIET_MS, END_FUSE_MS, OWNER_LEASE_MS } = readGatewayConfig(GOOD);
    expect({
      slackMs: GOODBYE_SLACK_MS,
      noAudioMs: GOODBYE_NO_AUDIO_MS,
      quietMs: GOODBYE_QUIET_MS,
    }).toEqual({
      slackMs: END_OF_CALL_LIMITS.slackMs,
      noAudioMs: END_OF_CALL_LIMITS.noAudioMs,
      quietMs: END_OF_CALL_LIMITS.quietMs,
    });
    expect([END_FUSE_MS, OWNER_LEASE_MS]).toEqual([GATEWAY_LIMITS.fuseMs, GATEWAY_LIMITS.leaseMs]);
  });

  it('names every mistake at once, and no value', () => {
    const bad = {
      ...GOOD,
      REDIS_URL: '',
      MEDIA_PUBLIC_URL: 'https://x',
      TWILIO_ACCOUNT_SID: 'SK1',
      STREAM_TOKEN_SECRET: 'short',
      SEATS: 'many',
      PORT: '99999',
    };
    let problems: readonly string[] = [];
    try {
      readGatewayConfig(bad);
    } catch (error) {
      problems = error instanceof ConfigError ? error.problems : [];
    }
    expect(new Set(problems.map((line) => line.split(':')[0]))).toEqual(
      new Set(['MEDIA_PUBLIC_URL', 'PORT', 'REDIS_URL', 'SEATS', 'STREAM_TOKEN_SECRET', 'TWILIO_ACCOUNT_SID']),
    );
    expect(problems.join()).not.toContain('short');
  });

  it('reads networks that tools may reach, and nothing else', () => {
    expect(readGatewayConfig(GOOD).HTTP_TOOLS_ALLOWED_NETWORKS).toEqual([]);
    const { HTTP_TOOLS_ALLOWED_NETWORKS } = readGatewayConfig({ ...GOOD, HTTP_TOOLS_ALLOWED_NETWORKS: '10.1.0.0/16, ::1' });
    expect(HTTP_TOOLS_ALLOWED_NETWORKS.map(([network, bits]) => `${network.toString()}/${bits}`)).toEqual([
      '10.1.0.0/16',
      '::1/128',
    ]);
    expect(() => readGatewayConfig({ ...GOOD, HTTP_TOOLS_ALLOWED_NETWORKS: 'internal.example' })).toThrow(
      'HTTP_TOOLS_ALLOWED_NETWORKS: must be addresses or networks',
    );
  });
});

describe('what the agents ask for besides', () => {
  const agent = (tools: unknown): Map<string, Agent> =>
    new Map([['demo', agentSchema.parse({ id: 'demo', name: 'Demo', instructions: 'x', greeting: 'x', tools })]]);
  const http = {
    name: 'look',
    description: 'x',
    url: 'https://crm.example/',
    secretHeaders: { authorization: 'TOOL_CRM' },
    signingSecret: 'TOOL_KEY',
  };

  it('is nothing for agents without such tools', () => {
    expect(readToolSecrets({}, agent({}))).toEqual({});
  });

  it('are the secrets that their tools name, and no others', () => {
    const env = { TOOL_CRM: 'Bearer x', TOOL_KEY: 'k', TOOL_OTHER: 'o', TWILIO_AUTH_TOKEN: 't' };
    expect(readToolSecrets(env, agent({ http: [http] }))).toEqual({ TOOL_CRM: 'Bearer x', TOOL_KEY: 'k' });
  });

  it('is named whole if it is missing, and never with a value', () => {
    const targets = { desk: { number: '+14155550123', description: 'x' } };
    const read = () => readToolSecrets({ TOOL_KEY: 'two\nlines' }, agent({ http: [http], transfer: { targets } }));
    expect(read).toThrow(/TOOL_CRM: is named by the tool of an agent and is not set/);
    expect(read).toThrow(/TOOL_KEY: must be printable, on one line/);
    expect(read).toThrow(/PUBLIC_URL: is needed: agent "demo" transfers calls/);
    expect(read).not.toThrow(/two/);
  });
});
