import { ConfigError } from '@onhook/service';
import { describe, expect, it } from 'vitest';
import { readApiConfig } from './config.js';

const env = {
  REDIS_URL: 'redis://127.0.0.1:6379',
  PUBLIC_URL: 'https://calls.example.com',
  API_KEYS: 'sk_0123456789abcdef, sk_fedcba9876543210',
  FROM_NUMBERS: '+14155550100,+14155550101',
  AGENTS_DIR: 'agents',
  RECORDINGS_DIR: 'recordings',
  TWILIO_ACCOUNT_SID: `AC${'0'.repeat(32)}`,
  TWILIO_AUTH_TOKEN: 'secret-token',
};

const problemsOf = (given: NodeJS.ProcessEnv): string[] => {
  try {
    readApiConfig(given);
    return [];
  } catch (error) {
    if (error instanceof ConfigError) return [...error.problems];
    throw error;
  }
};

describe('the configuration of the api', () => {
  it('listens on loopback, dials for real, and reads its lists', () => {
    expect(readApiConfig(env)).toMatchObject({
      HOST: '127.0.0.1',
      PORT: 3_000,
      ONHOOK_PREFIX: 'onhook',
      CARRIER: 'twilio',
      ACCOUNT: 'default',
      API_KEYS: ['sk_0123456789abcdef', 'sk_fedcba9876543210'],
      FROM_NUMBERS: ['+14155550100', '+14155550101'],
    });
  });

  it('names every variable that is missing, at once', () => {
    expect(new Set(problemsOf({}).map((line) => line.split(':')[0]))).toEqual(new Set(Object.keys(env)));
  });

  it.each([
    ['API_KEYS', ''],
    ['API_KEYS', ' , '],
    ['API_KEYS', 'short'],
    ['FROM_NUMBERS', '4155550100'],
    ['FROM_NUMBERS', ','],
    ['PUBLIC_URL', 'calls.example.com'],
    ['PUBLIC_URL', 'ftp://calls.example.com'],
    ['REDIS_URL', 'http://127.0.0.1'],
    ['TWILIO_ACCOUNT_SID', 'AC1'],
    ['CARRIER', 'pigeon'],
    ['PORT', 'http'],
    ['ONHOOK_PREFIX', 'a:{b}'],
    ['WEBHOOK_ALLOW_PRIVATE', 'perhaps'],
    ['WEBHOOK_ALLOWED_NETWORKS', 'internal.example'],
    ['WEBHOOK_CONCURRENCY', '0'],
  ])('%s=%j is refused by name', (name, value) => {
    const problems = problemsOf({ ...env, [name]: value });
    expect(problems).toHaveLength(1);
    expect(problems[0]).toMatch(new RegExp(`^${name}`));
  });

  it('never starts without a key, in no environment', () => {
    for (const NODE_ENV of ['production', 'development', 'test'])
      expect(problemsOf({ ...env, NODE_ENV, API_KEYS: '' })).toHaveLength(1);
  });

  it('keeps secrets to itself', () => {
    expect(problemsOf({ ...env, API_KEYS: 'canary', PORT: 'x' }).join()).not.toContain('canary');
  });
});
