import type { FaultTable } from '../faults.js';
import type { WebhookClient } from './webhook-client.js';

/** A carrier that cannot find or does not trust its customer's host: no connection is made, and no retry helps. */
export function withWebhookFaults(client: WebhookClient, faults: FaultTable): WebhookClient {
  return {
    ...client,
    send(webhook) {
      const occasion = { to: webhook.params['To'], callSid: webhook.params['CallSid'] };
      const detail = faults.strikes('webhook-dns', occasion)
        ? 'ENOTFOUND'
        : faults.strikes('webhook-tls', occasion)
          ? 'UNABLE_TO_VERIFY_LEAF_SIGNATURE'
          : undefined;
      if (detail === undefined) return client.send(webhook);
      return Promise.resolve({ ok: false, failure: 'ct', errorCode: 11200, detail, attempts: 1, tookMs: 0 });
    },
  };
}
