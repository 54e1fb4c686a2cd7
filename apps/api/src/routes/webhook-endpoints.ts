import { PER_CALL_ENDPOINT, webhookEndpointRoutes, type EndpointView } from '@onhook/contracts';
import type { WebhookEndpoint } from '@onhook/store';
import type { ApiDeps, News } from '../api-deps.js';
import { refusal, type Serve } from '../serve.js';
import { changed, MOST_ENDPOINTS, newEndpoint, perCallEndpoint, withNewSecret } from '../webhooks/endpoint.js';
import { signed } from '../webhooks/message.js';
import type { Within } from '../within.js';

type WebhookEndpointDeps = Pick<ApiDeps, 'chance' | 'clock' | 'logger'> &
  Pick<News, 'endpoints' | 'send' | 'isForbiddenUrl'> & { within: Within };

/** A test is one short try: somebody waits for the answer. */
const TEST_WITHIN_MS = 10_000;
const MOST_ANSWER_BYTES = 64 * 1024;

/** `/v1/webhook-endpoints…` */
export function addWebhookEndpointRoutes(serve: Serve, deps: WebhookEndpointDeps): void {
  const { endpoints, send, isForbiddenUrl, clock, chance, logger, within } = deps;
  const routes = webhookEndpointRoutes;
  const viewed = (endpoint: WebhookEndpoint): EndpointView => endpointView(endpoint, clock.now());
  const forbidden = () =>
    refusal('validation-failed', {
      errors: [{ pointer: '/url', code: 'forbidden-url', message: 'Nothing is ever sent to this address' }],
    });

  serve(routes.create, async ({ body }) => {
    if (isForbiddenUrl(body.url)) return forbidden();
    const endpoint = newEndpoint(body, chance, clock.now());
    if ((await within(endpoints.add(endpoint, MOST_ENDPOINTS))) !== 'added') return refusal('too-many-endpoints');
    logger.info({ endpointId: endpoint.id }, 'webhook endpoint was made');
    return { body: withSecret(endpoint) };
  });

  serve(routes.list, async () => ({ body: { data: (await within(endpoints.list())).map(viewed) } }));

  serve(routes.get, async ({ params: { id } }) => {
    const endpoint = await within(endpoints.load(id));
    return endpoint ? { body: viewed(endpoint) } : refusal('not-found');
  });

  serve(routes.change, async ({ params: { id }, body }) => {
    if (id === PER_CALL_ENDPOINT) return refusal('not-for-single-calls');
    if (body.url !== undefined && isForbiddenUrl(body.url)) return forbidden();
    const endpoint = await within(endpoints.change(id, (was) => changed(was, body, clock.now())));
    if (!endpoint) return refusal('not-found');
    logger.info({ endpointId: id, fields: Object.keys(body) }, 'webhook endpoint was changed');
    return { body: viewed(endpoint) };
  });

  serve(routes.remove, async ({ params: { id } }) => {
    if (id === PER_CALL_ENDPOINT) return refusal('not-for-single-calls');
    if (!(await within(endpoints.remove(id)))) return refusal('not-found');
    logger.info({ endpointId: id }, 'webhook endpoint was removed');
    return {};
  });

  serve(routes.rotateSecret, async ({ params: { id } }) => {
    if (id === PER_CALL_ENDPOINT) await within(perCallEndpoint(endpoints, chance, clock.now()));
    const endpoint = await within(endpoints.change(id, (was) => withNewSecret(was, chance, clock.now())));
    if (!endpoint) return refusal('not-found');
    logger.info({ endpointId: id }, 'webhook secret was rotated');
    return { body: withSecret(endpoint) };
  });

  serve(routes.test, async ({ params: { id } }) => {
    if (id === PER_CALL_ENDPOINT) return refusal('not-for-single-calls');
    const endpoint = await within(endpoints.load(id));
    if (!endpoint) return refusal('not-found');
    const beganMs = clock.monotonicMs();
    const at = clock.now();
    const message = { type: 'webhook.test', timestamp: new Date(at).toISOString(), sequence: 0, data: { endpointId: id } };
    const answer = await send({
      url: new URL(endpoint.url),
      method: 'POST',
      ...signed(`evt_test_${chance.uuid()}`, JSON.stringify(message), endpoint, at),
      timeoutMs: TEST_WITHIN_MS,
      maxResponseBytes: MOST_ANSWER_BYTES,
      onlyStatus: true,
      signal: new AbortController().signal,
    });
    const result = answer.outcome === 'answered' ? answer.status : answer.reason;
    const delivered = typeof result === 'number' && result >= 200 && result < 300;
    return { body: { delivered, result, ms: Math.round(clock.monotonicMs() - beganMs) } };
  });

  function withSecret(endpoint: WebhookEndpoint): EndpointView & { secret: string } {
    return { ...viewed(endpoint), secret: endpoint.secrets[0]?.secret ?? '' };
  }
}

function endpointView(endpoint: WebhookEndpoint, now: number): EndpointView {
  const { id, url, types, description, disabled, failingSince, createdAt, secrets } = endpoint;
  const since = disabled?.at ?? failingSince;
  const until = secrets.find((secret) => secret.until !== null && secret.until > now)?.until ?? null;
  return {
    id,
    url,
    types: [...types],
    description,
    enabled: disabled === null,
    status: disabled ? (disabled.why === 'gone' ? 'gone' : 'disabled') : failingSince === null ? 'ok' : 'failing',
    since: iso(since),
    createdAt: new Date(createdAt).toISOString(),
    oldSecretUntil: iso(until),
  };
}

const iso = (ms: number | null): string | null => (ms === null ? null : new Date(ms).toISOString());
