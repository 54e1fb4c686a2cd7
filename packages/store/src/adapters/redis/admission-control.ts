import { isWaitReason } from '@onhook/contracts';
import { createKeys } from '../../keys.js';
import type { AdmissionControl } from '../../ports/admission-control.js';
import { checkCampaignId, readTerms, writeTerms } from '../../record/campaign-terms.js';
import { LIMIT_FIELDS, readLimits, writeChange } from '../../record/limits.js';
import { OPEN_VAULT, type Vault } from '../../vault.js';
import { ask } from './ask.js';
import type { RedisClient } from './connect.js';

const DAY_MS = 86_400_000;

export function createRedisAdmissionControl({
  redis,
  prefix,
  vault = OPEN_VAULT,
}: {
  redis: RedisClient;
  prefix: string;
  /** The one of `createRedisAdmission`: it names numbers. */
  vault?: Vault;
}): AdmissionControl {
  const keys = createKeys(prefix);
  const key = (account: string, name: Parameters<ReturnType<typeof keys.account>>[0]): string => keys.account(account)(name);

  return {
    async limits(account) {
      return readLimits(await ask(() => redis.hmget(key(account, 'limits'), ...LIMIT_FIELDS)));
    },
    async setLimits(account, change) {
      const { set, remove } = writeChange(change);
      if (Object.keys(set).length > 0) await ask(() => redis.hset(key(account, 'limits'), set));
      if (remove.length > 0) await ask(() => redis.hdel(key(account, 'limits'), ...remove));
    },
    async isKilled(account) {
      return (await ask(() => redis.hget(key(account, 'limits'), 'killed'))) === '1';
    },
    async setKillSwitch(account, on) {
      await ask(() => redis.hset(key(account, 'limits'), 'killed', on ? '1' : '0'));
    },
    async campaign(account, id) {
      checkCampaignId(id);
      const terms = await ask(() => redis.hget(key(account, 'campaigns'), id));
      return terms === null ? null : readTerms(terms);
    },
    async setCampaign(account, id, terms) {
      checkCampaignId(id);
      if (terms !== null) {
        const text = writeTerms(terms);
        await ask(() => redis.hset(key(account, 'campaigns'), id, text));
        return;
      }
      await ask(() => redis.hdel(key(account, 'campaigns'), id));
    },
    async campaignInFlight(account, id) {
      const meter = await ask(() => redis.hget(key(account, 'meters'), `c:${checkCampaignId(id)}`));
      return Number(meter?.split('|')[0] ?? 0);
    },
    async usage(account) {
      const [now, [day, meter]] = await Promise.all([nowMs(), ask(() => redis.hmget(key(account, 'meters'), 'day', 'a'))]);
      const isToday = Number(day) === Math.floor(now / DAY_MS);
      const [inFlight = 0, turnUs = 0, minutesHeld = 0, microsHeld = 0, minutes = 0, micros = 0] =
        meter?.split('|').map(Number) ?? [];
      const lastTurnAt = Math.floor(turnUs / 1_000);
      return {
        inFlight,
        lastTurnAt,
        minutesToday: isToday ? minutes : 0,
        microsToday: isToday ? micros : 0,
        minutesHeld,
        microsHeld,
      };
    },
    async inFlightFrom(account, numbers) {
      if (numbers.length === 0) return [];
      const meters = await ask(() =>
        redis.hmget(key(account, 'meters'), ...numbers.map((number) => `f:${vault.nameOf(number)}`)),
      );
      return meters.map((meter) => Number(meter?.split('|')[0] ?? 0));
    },
    async accountWait(account) {
      const [reason = '', until] = ((await ask(() => redis.get(key(account, 'wait')))) ?? '').split('|');
      return isWaitReason(reason) ? { reason, until: Number(until) } : null;
    },
  };

  async function nowMs(): Promise<number> {
    const [seconds, microseconds] = await ask(() => redis.time());
    return Number(seconds) * 1_000 + Math.floor(Number(microseconds) / 1_000);
  }
}
