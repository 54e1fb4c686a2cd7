import { ConfigError } from '@onhook/service';
import { describe, expect, it } from 'vitest';
import { readLauncherConfig } from './config.js';

const SID = `AC${'0'.repeat(32)}`;
const REAL = {
  CARRIER: 'twilio',
  TWILIO_ACCOUNT_SID: SID,
  TWILIO_AUTH_TOKEN: 'secret',
  OPENAI_API_KEY: 'sk-test',
  PUBLIC_URL: 'https://calls.example.com',
  MEDIA_PUBLIC_URL: 'wss://media.example.com/carrier/twilio/media',
  FROM_NUMBERS: '+14155550100, +14155550101',
};

function namesOfMistakes(env: NodeJS.ProcessEnv): string[] {
  try {
    readLauncherConfig(env);
  } catch (error) {
    if (error instanceof ConfigError) return error.problems.map((line) => line.split(':')[0] ?? '').sort();
    throw error;
  }
  return [];
}

describe('the configuration of the launcher', () => {
  it('names the mistakes of its own settings and of the real account together', () => {
    const bad = { CARRIER: 'twilio', API_PORT: 'x', ONHOOK_PREFIX: 'A B', LOG_LEVEL: 'loud', TWILIO_ACCOUNT_SID: 'nonsense' };
    expect(namesOfMistakes(bad)).toEqual(
      [...Object.keys(REAL).filter((name) => name !== 'CARRIER'), 'API_PORT', 'ONHOOK_PREFIX', 'LOG_LEVEL'].sort(),
    );
    expect(namesOfMistakes({ CARRIER: 'pigeon', REDIS_PORT: '0' })).toEqual(['CARRIER', 'REDIS_PORT']);
  });

  it('takes a real account only when it is asked for by name', () => {
    const { CARRIER: _, ...merelyExported } = REAL;
    expect(readLauncherConfig(merelyExported).real).toBeUndefined();
    expect(readLauncherConfig({ TWILIO_ACCOUNT_SID: 'nonsense' }).real).toBeUndefined();
    expect(readLauncherConfig(REAL).real?.TWILIO_ACCOUNT_SID).toBe(SID);
  });
});
