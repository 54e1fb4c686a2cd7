import { planPrograms, readLauncherConfig } from '@onhook/onhook';
import { describe, expect, it } from 'vitest';
import { readGatewayConfig } from '../../apps/gateway/src/config.js';

const gatewayEnv = (patience: number, env: NodeJS.ProcessEnv = {}): NodeJS.ProcessEnv => {
  const plan = planPrograms({
    root: '/onhook',
    dir: '/onhook/.onhook',
    node: 'node',
    ports: { api: 1, gateway: 2, simulator: 3, agent: 4 },
    config: readLauncherConfig({}),
    credentials: {
      apiKey: 'k'.repeat(16),
      streamTokenSecret: 's'.repeat(16),
      accountSid: `AC${'0'.repeat(32)}`,
      authToken: 't',
      dataKey: '00'.repeat(32),
    },
    redisUrl: 'redis://127.0.0.1:6379',
    redisPrefix: 'onhook',
    env,
    patience,
  });
  return plan.apps.find(({ name }) => name === 'gateway')?.env ?? {};
};

/** What they say is not made shorter by a busy machine. */
const NO_DEADLINES = ['STOP_WITHIN_MS', 'DRAIN_ACCEPT_MS', 'WARN_BEFORE_END_MS', 'AGENT_APPEND_MS'];

describe('the deadlines of the demonstration', () => {
  it('are five times what the gateway has by itself, each of them', () => {
    const plain = Object.entries(gatewayEnv(5)).filter(([name]) => !name.endsWith('_MS'));
    const usual = readGatewayConfig(Object.fromEntries(plain));
    const stretched = readGatewayConfig(gatewayEnv(5));
    const deadlines = Object.keys(usual).filter((name) => name.endsWith('_MS') && !NO_DEADLINES.includes(name));
    expect(deadlines).toContain('GOODBYE_SLACK_MS');
    for (const name of deadlines as (keyof typeof usual)[])
      expect([name, stretched[name]]).toEqual([name, Number(usual[name]) * 5]);
  });

  it('give way to what the user sets', () => {
    expect(readGatewayConfig(gatewayEnv(5, { GOODBYE_SLACK_MS: '123' })).GOODBYE_SLACK_MS).toBe(123);
  });
});
