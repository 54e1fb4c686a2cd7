import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { ask } from './ask.js';
import type { RedisClient } from './connect.js';

export interface Script {
  readonly source: string;
  readonly sha: string;
}

/** Scripts stand beside src and dist, so that both find them by the same relative path. */
function read(name: string): Script {
  return scriptOf(readFileSync(new URL(`../../../scripts/${name}.lua`, import.meta.url), 'utf8'));
}

function scriptOf(source: string): Script {
  return { source, sha: createHash('sha1').update(source).digest('hex') };
}

export const scripts = {
  load: read('load'),
  commit: read('commit'),
  countNoNews: read('count-no-news'),
  timeline: read('timeline'),
  saveTranscript: read('save-transcript'),
  claimDue: read('claim-due'),
  archived: read('archived'),
  forget: read('forget'),
  passed: read('passed'),
  renewLeases: read('renew-leases'),
  beat: read('beat'),
  life: read('life'),
  living: read('living'),
  sendOrder: read('send-order'),
  expectStream: read('expect-stream'),
  hookRelay: read('hook-relay'),
  hookClaim: read('hook-claim'),
  hookSettle: read('hook-settle'),
  hookAgain: read('hook-again'),
  hookEndpoint: read('hook-endpoint'),
  answerBegin: read('answer-begin'),
  answerEnd: read('answer-end'),
  quota: read('quota'),
} as const;

/** Lua scripts cannot import: those that share a beginning are joined to it. */
export function joinScripts(...names: readonly string[]): Script {
  return scriptOf(names.map((name) => read(name).source).join('\n'));
}

type Arg = string | number | Buffer;

/** Runs a script by its hash, and by its text where a Redis does not know it (first use, restart, another node). */
export function runScript(redis: RedisClient, script: Script, keys: readonly string[], args: readonly Arg[]): Promise<unknown> {
  return ask(() => evaluate(script, (how, what) => redis.call(how, what, keys.length, ...keys, ...args)));
}

/** As `runScript`, with every text of the answer as bytes. */
export function runScriptForBytes(
  redis: RedisClient,
  script: Script,
  keys: readonly string[],
  args: readonly Arg[],
): Promise<unknown> {
  return ask(() => evaluate(script, (how, what) => redis.callBuffer(how, what, keys.length, ...keys, ...args)));
}

async function evaluate(script: Script, call: (how: 'evalsha' | 'eval', what: string) => Promise<unknown>): Promise<unknown> {
  try {
    return await call('evalsha', script.sha);
  } catch (error) {
    if (error instanceof Error && error.message.startsWith('NOSCRIPT')) return call('eval', script.source);
    throw error;
  }
}
