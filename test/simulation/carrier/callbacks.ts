import type { Draw } from '../draw.js';
import type { Network } from '../http.js';
import type { Scheduler } from '../scheduler.js';
import type { Weather } from '../weather.js';
import { signatureOf } from './signature.js';

/** Of `#rc=5&rp=all&rt=5000&tt=15000`: repeated, whatever the failure. */
const RETRIES = 5;
const READ_WITHIN_MS = 5_000;

/** What the carrier tells our API, by signed forms: mostly in time, mostly in order, mostly once. */
export interface Callbacks {
  send(url: string, form: Readonly<Record<string, string>>, sid: string): void;
  /** Answered by a document: what comes next. Null: nobody answered with one. */
  ask(url: string, form: Readonly<Record<string, string>>): Promise<string | null>;
}

export interface CallbacksDeps {
  readonly scheduler: Scheduler;
  readonly draw: Draw;
  readonly weather: Weather;
  readonly network: Network;
  readonly publicUrl: string;
}

export function createCallbacks({ scheduler, draw, weather, network, publicUrl }: CallbacksDeps): Callbacks {
  async function post(url: string, form: Readonly<Record<string, string>>): Promise<{ status: number; body: string } | null> {
    const path = url.slice(publicUrl.length);
    for (let tries = 0; tries <= RETRIES; tries++) {
      const answer = await network.request(
        {
          method: 'POST',
          path,
          headers: { 'content-type': 'application/x-www-form-urlencoded', 'x-twilio-signature': signatureOf(path, form) },
          body: new URLSearchParams(form).toString(),
        },
        READ_WITHIN_MS,
      );
      if (answer.outcome === 'answered' && answer.status < 300) return answer;
      await scheduler.delay(draw.between(50, 400));
    }
    return null;
  }

  return {
    send(url, form, sid) {
      if (weather.strikes('callback-lost', { sid })) return;
      let delayMs = draw.between(5, 120);
      if (weather.strikes('callback-late', { sid })) delayMs += draw.between(1_000, 30_000);
      if (weather.strikes('callback-reordered', { sid })) delayMs += draw.between(200, 3_000);
      scheduler.after(delayMs, () => void post(url, form));
      if (weather.strikes('callback-twice', { sid }))
        scheduler.after(delayMs + draw.between(0, 20_000), () => void post(url, form));
    },
    ask: async (url, form) => (await post(url, form))?.body ?? null,
  };
}
