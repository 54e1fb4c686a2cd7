import { maxInlineTwiml } from './create-request.js';
import { refusals } from './errors.js';
import { isRefused, readSeconds, readWebhook, text, type Form, type Refused } from './form.js';
import type { UpdateRequest } from './live-call.js';

/** Reads the form of `POST /Calls/{sid}` as Twilio would. */
export function readUpdate(form: Form): UpdateRequest | Refused {
  const update: UpdateRequest = {};
  const status = text(form, 'Status');
  if (status !== undefined && status !== 'completed' && status !== 'canceled')
    return { refused: refusals.badParameter('Status') };
  if (status !== undefined) update.status = status;

  const twiml = text(form, 'Twiml');
  const webhook = readWebhook(form, 'Url', 'Method');
  if (isRefused(webhook)) return webhook;
  if (webhook && twiml !== undefined) return { refused: refusals.badParameter('Twiml') };
  if (twiml !== undefined) {
    if (twiml === '' || twiml.length > maxInlineTwiml) return { refused: refusals.badParameter('Twiml') };
    update.instructions = { twiml };
  }
  if (webhook) {
    const fallback = readWebhook(form, 'FallbackUrl', 'FallbackMethod');
    if (isRefused(fallback)) return fallback;
    update.instructions = { ...webhook, ...(fallback && { fallback }) };
    // Silently ignored unless a Url comes with it.
    const statusCallback = readWebhook(form, 'StatusCallback', 'StatusCallbackMethod');
    if (isRefused(statusCallback)) return statusCallback;
    if (statusCallback) update.statusCallback = statusCallback;
  }

  if (form['TimeLimit'] !== undefined) {
    const timeLimitSec = readSeconds(form, 'TimeLimit', 0);
    if (timeLimitSec === undefined || timeLimitSec < 1 || timeLimitSec > 86_400)
      return { refused: refusals.badParameter('TimeLimit') };
    update.timeLimitSec = timeLimitSec;
  }
  return update;
}
