/** How long a webhook may take and what is tried again. Times in milliseconds. */
export interface ConnectionOverrides {
  connectMs: number;
  readMs: number;
  totalMs: number;
  retries: number;
  retryOn: ReadonlySet<WebhookFailure>;
}

export type WebhookFailure = '4xx' | '5xx' | 'ct' | 'rt';

const defaults: ConnectionOverrides = {
  connectMs: 5_000,
  readMs: 15_000,
  totalMs: 15_000,
  retries: 1,
  // Only a connection that was never made is tried again: a 5xx or a slow answer is not, unless asked for.
  retryOn: new Set(['ct']),
};

const policies: readonly WebhookFailure[] = ['4xx', '5xx', 'ct', 'rt'];

/**
 * Reads `#ct=…&rt=…&tt=…&rc=…&rp=…` off a webhook's URL (Twilio, Webhooks: Connection overrides). What is out of range or
 * unknown keeps its default.
 */
export function readOverrides(url: string): ConnectionOverrides {
  const hash = url.indexOf('#');
  if (hash < 0) return defaults;
  const given = new URLSearchParams(url.slice(hash + 1));
  const within = (key: string, min: number, max: number, otherwise: number): number => {
    const value = Number(given.get(key) ?? Number.NaN);
    return Number.isInteger(value) && value >= min && value <= max ? value : otherwise;
  };
  const asked = (given.get('rp') ?? '').split(',').filter(Boolean);
  const retryOn = asked.includes('all') ? policies : policies.filter((policy) => asked.includes(policy));
  return {
    connectMs: within('ct', 100, 10_000, defaults.connectMs),
    readMs: within('rt', 100, 15_000, defaults.readMs),
    totalMs: within('tt', 100, 15_000, defaults.totalMs),
    retries: within('rc', 0, 5, defaults.retries),
    retryOn: retryOn.length > 0 ? new Set(retryOn) : defaults.retryOn,
  };
}
