import { ConfigError } from '@onhook/service';
import { describe, expect, it } from 'vitest';
import { readGatewayConfig } from './config.js';
import { END_OF_CALL_LIMITS } from './end-of-call.js';
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
      STOP_WITHIN_MS: 10_000,
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
});
