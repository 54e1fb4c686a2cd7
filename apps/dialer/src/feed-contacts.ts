import { wakesOf } from '@onhook/contracts';
import type { Waker } from '@onhook/queue';
import type { Calls, Campaign, Contacts, Fed } from '@onhook/store';
import { contactCallId } from '@onhook/store';

export interface FeedContactsDeps {
  readonly calls: Pick<Calls, 'create'>;
  readonly contacts: Pick<Contacts, 'fed'>;
  readonly waker: Waker;
}

/** Gives contacts that were taken their calls. Safe to repeat: a contact's call has the same id whoever makes it. */
export type FeedContacts = (campaign: Campaign, batch: Fed) => Promise<void>;

export function createFeedContacts({ calls, contacts, waker }: FeedContactsDeps): FeedContacts {
  return async function feedContacts(campaign, batch) {
    await Promise.all(batch.contacts.map((contact) => create(campaign, contact)));
    await contacts.fed(campaign.id, batch.batch);
  };

  async function create(
    { id, account, agentId, policy, endAt, metadata }: Campaign,
    { ref, round, to, name, variables, zones }: Fed['contacts'][number],
  ): Promise<void> {
    const callId = contactCallId(id, ref, round);
    const created = await calls.create(
      {
        callId,
        account,
        to,
        from: null,
        agentId,
        variables: { ...(name !== null && { name }), ...variables },
        metadata,
        policy: { ...policy, latestAt: endAt },
        campaign: { id, contact: ref, round, zones },
        notBefore: null,
      },
      null,
    );
    // Made before, by a process that may have died before it woke anybody.
    if (created.outcome === 'replayed' && created.call.state === 'queued') await waker([{ type: 'wake-dialer', callId }]);
    else if (created.outcome === 'created') await waker(wakesOf(created.effects));
  }
}
