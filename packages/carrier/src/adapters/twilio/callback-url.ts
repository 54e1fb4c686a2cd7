/**
 * Twilio's retry overrides for one webhook, as a URL fragment: neither sent nor signed. By default a 5xx or a slow answer
 * is not repeated at all. `rc` retries (0–5), `rp` which failures, `rt` read and `tt` total time in ms (100–15 000).
 */
const RETRY_OVERRIDES = '#rc=5&rp=all&rt=5000&tt=15000';

export function withRetryOverrides(url: string): string {
  return url.includes('#') ? url : `${url}${RETRY_OVERRIDES}`;
}
