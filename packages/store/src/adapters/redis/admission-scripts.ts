import type { Keys } from '../../keys.js';
import type { RedisClient } from './connect.js';
import { joinScripts, runScript } from './scripts.js';

const admissionScripts = {
  admit: joinScripts('admission', 'admit'),
  release: joinScripts('admission', 'release-place'),
  restore: joinScripts('admission', 'restore-place'),
} as const;

/** One step under the account's tag. */
export type RunAdmission = (
  script: keyof typeof admissionScripts,
  account: string,
  args: readonly (string | number)[],
) => Promise<unknown>;

/** All scripts of admission name the same keys, in this order. */
export function createAdmissionScripts({ redis, keys }: { redis: RedisClient; keys: Keys }): RunAdmission {
  let last = { account: '', named: namesOf('') };

  function namesOf(account: string): string[] {
    const of = keys.account(account);
    return [
      of('limits'),
      of('in-flight'),
      of('places'),
      of('meters'),
      of('tries'),
      of('tried'),
      of('do-not-call'),
      of('campaigns'),
      of('wait'),
    ];
  }

  return (script, account, args) => {
    // A deployment has one account, or few.
    if (last.account !== account) last = { account, named: namesOf(account) };
    return runScript(redis, admissionScripts[script], last.named, args);
  };
}
