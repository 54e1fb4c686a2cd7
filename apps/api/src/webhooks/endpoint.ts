import { newEndpointId, PER_CALL_ENDPOINT, type EndpointId } from '@onhook/contracts';
import type { Chance } from '@onhook/service';
import type { WebhookEndpoint, WebhookEndpoints } from '@onhook/store';

/** More than anybody needs: each event is sent to each. */
export const MOST_ENDPOINTS = 50;
/** An old secret signs beside the new one for so long. */
export const OVERLAP_MS = 24 * 3_600_000;
const SECRET_BYTES = 32;

export interface NewEndpoint {
  readonly url: string;
  readonly description: string;
  readonly types: readonly string[];
  readonly enabled: boolean;
}

export function newEndpoint(asked: NewEndpoint, chance: Chance, now: number): WebhookEndpoint {
  return endpointOf(newEndpointId(chance.uuidv7()), asked, chance, now);
}

function endpointOf(
  id: EndpointId,
  { url, description, types, enabled }: NewEndpoint,
  chance: Chance,
  now: number,
): WebhookEndpoint {
  return {
    id,
    url,
    description,
    types,
    secrets: [{ secret: newSecret(chance), until: null }],
    createdAt: now,
    disabled: enabled ? null : { at: now, why: 'operator' },
    failingSince: null,
  };
}

/** `whsec_` and base64, as the Standard Webhooks write it. */
function newSecret(chance: Pick<Chance, 'bytes'>): string {
  return `whsec_${Buffer.from(chance.bytes(SECRET_BYTES)).toString('base64')}`;
}

/** A fresh secret, and the one before it for a while; older ones are over at once. */
export function withNewSecret(endpoint: WebhookEndpoint, chance: Chance, now: number): WebhookEndpoint {
  const [current] = endpoint.secrets;
  return {
    ...endpoint,
    secrets: [{ secret: newSecret(chance), until: null }, ...(current ? [{ ...current, until: now + OVERLAP_MS }] : [])],
  };
}

export interface Changes {
  readonly url?: string | undefined;
  readonly description?: string | undefined;
  readonly types?: readonly string[] | undefined;
  readonly enabled?: boolean | undefined;
}

export function changed(endpoint: WebhookEndpoint, { url, description, types, enabled }: Changes, now: number): WebhookEndpoint {
  const disabled = enabled === false ? (endpoint.disabled ?? { at: now, why: 'operator' as const }) : null;
  return {
    ...endpoint,
    url: url ?? endpoint.url,
    description: description ?? endpoint.description,
    types: types ?? endpoint.types,
    disabled: enabled === undefined ? endpoint.disabled : disabled,
    // Another address, or somebody who says that it is well again: a fresh start.
    failingSince: url !== undefined || enabled === true ? null : endpoint.failingSince,
  };
}

/** What stands for the `webhookUrl` of single calls: made when it is first needed. */
export async function perCallEndpoint(
  endpoints: Pick<WebhookEndpoints, 'load' | 'add'>,
  chance: Chance,
  now: number,
): Promise<WebhookEndpoint> {
  const known = await endpoints.load(PER_CALL_ENDPOINT);
  if (known) return known;
  const asked = { url: '', description: 'The webhookUrl of single calls.', types: [], enabled: true };
  const fresh = endpointOf(PER_CALL_ENDPOINT, asked, chance, now);
  // Beside the others, and never refused for their number.
  if ((await endpoints.add(fresh, Number.MAX_SAFE_INTEGER)) === 'added') return fresh;
  return (await endpoints.load(PER_CALL_ENDPOINT)) ?? fresh;
}
