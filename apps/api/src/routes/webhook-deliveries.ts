import { deliveryId, eventId, PER_CALL_ENDPOINT, webhookDeliveryRoutes, webhookJob, type DeliveryView } from '@onhook/contracts';
import type { Delivery } from '@onhook/store';
import type { ApiDeps, News } from '../api-deps.js';
import { refusal, type Serve } from '../serve.js';
import type { Within } from '../within.js';

type WebhookDeliveryDeps = Pick<ApiDeps, 'logger'> & Pick<News, 'deliveries' | 'endpoints' | 'producer'> & { within: Within };

/** `/v1/webhook-deliveries…` */
export function addWebhookDeliveryRoutes(serve: Serve, deps: WebhookDeliveryDeps): void {
  const { deliveries, endpoints, producer, logger, within } = deps;
  const routes = webhookDeliveryRoutes;

  serve(routes.list, async ({ query: { limit, cursor = null, endpointId, callId, status } }) => {
    const isWanted = (delivery: Delivery): boolean =>
      (endpointId === undefined || delivery.endpointId === endpointId) && (status === undefined || delivery.status === status);
    if (callId !== undefined) {
      const ids = endpointId ? [endpointId] : (await within(endpoints.list())).map(({ id }) => id);
      const lines = [...new Set([...ids, ...(endpointId ? [] : [PER_CALL_ENDPOINT])])];
      const found = await within(Promise.all(lines.map((id) => deliveries.inLine({ callId, endpointId: id }))));
      const inOrder = found
        .flat()
        .filter(isWanted)
        .toSorted((a, b) => a.sequence - b.sequence);
      return { body: { data: inOrder.map(deliveryView), nextCursor: null } };
    }
    try {
      const page = await within(deliveries.list({ limit, cursor, isWanted }));
      return { body: { data: page.deliveries.map(deliveryView), nextCursor: page.nextCursor } };
    } catch (error) {
      if (!(error instanceof Error && 'code' in error && error.code === 'bad-cursor')) throw error;
      return refusal('validation-failed', {
        errors: [{ pointer: '/cursor', code: 'invalid-cursor', message: 'No page has given this cursor' }],
      });
    }
  });

  serve(routes.get, async ({ params: { id } }) => {
    const delivery = await within(deliveries.load(id));
    return delivery ? { body: deliveryView(delivery) } : refusal('not-found');
  });

  serve(routes.redeliver, async ({ params: { id } }) => {
    const delivery = await within(deliveries.redeliver(id));
    if (!delivery) return refusal('not-found');
    const { callId, endpointId } = delivery;
    try {
      await within(producer.add(webhookJob, { callId, endpointId }, { dedupeId: `${callId}-${endpointId}` }));
    } catch (error) {
      logger.warn({ callId, endpointId, err: error }, 'a webhook job was lost; its line is found by its due moment');
    }
    return { body: deliveryView(delivery) };
  });
}

function deliveryView(delivery: Delivery): DeliveryView {
  const { callId, endpointId, sequence, type, at, status, tries, triedAt, result, nextTryAt } = delivery;
  return {
    id: deliveryId(delivery),
    eventId: eventId(callId, sequence),
    endpointId,
    callId,
    type,
    sequence,
    happenedAt: new Date(at).toISOString(),
    status,
    tries,
    triedAt: triedAt === null ? null : new Date(triedAt).toISOString(),
    result,
    nextTryAt: nextTryAt === null ? null : new Date(nextTryAt).toISOString(),
  };
}
