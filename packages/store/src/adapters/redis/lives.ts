import type { Keys } from '../../keys.js';
import type { StoreLives } from '../../ports/lives.js';
import type { RedisClient } from './connect.js';
import { runScript, scripts } from './scripts.js';

/** By a script, so that a cluster asks the very node that holds the call. */
export function createRedisLives({ redis, keys }: { redis: RedisClient; keys: Keys }): StoreLives {
  return {
    async of(callId) {
      const answer = await runScript(redis, scripts.life, [keys.call(callId)], []);
      const [id, uptimeSec, isHeir, now] = answer as [string, number, number, number];
      if (isHeir === 1) return { id, beganAt: null, now };
      // The uptime is the difference of two clocks that count whole seconds, so it may be up to a second more than the server is old.
      // Too late a start only costs a look; too early a one would take a call of the server before for one of this server.
      return { id, beganAt: Math.min(now, now - (uptimeSec - 1) * 1_000), now };
    },
  };
}
