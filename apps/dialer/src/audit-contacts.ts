import { isWaiting } from '@onhook/call';
import { wakesOf } from '@onhook/contracts';
import type { Waker } from '@onhook/queue';
import type { Logger } from '@onhook/service';
import { contactCallId, LOST_STEP, tellCampaign, type Calls, type Campaign, type Contacts } from '@onhook/store';

export interface AuditContactsDeps {
  readonly calls: Pick<Calls, 'load' | 'apply'>;
  readonly contacts: Pick<Contacts, 'underWay' | 'feeding' | 'step'>;
  readonly waker: Waker;
  readonly logger: Logger;
}

const AT_ONCE = 50;

/**
 * Looks at some of the contacts under way, each time at the next ones: whatever was not told (a process died after a call's last commit) is
 * told now, and calls of a canceled campaign that still wait are ended.
 */
export function createAuditContacts({
  calls,
  contacts,
  waker,
  logger,
}: AuditContactsDeps): (campaign: Campaign) => Promise<void> {
  const cursors = new Map<Campaign['id'], string>();

  return async function auditContacts(campaign) {
    const { id } = campaign;
    const { contacts: open, cursor } = await contacts.underWay(id, cursors.get(id) ?? '0');
    if (cursor === '0') cursors.delete(id);
    else cursors.set(id, cursor);
    if (open.length === 0) return;
    // Read after them: who was under way, has no call and is not being fed now, never will be.
    const feeding = new Set((await contacts.feeding(id)).flatMap((batch) => batch.contacts.map(({ ref }) => ref)));
    for (let at = 0; at < open.length; at += AT_ONCE) {
      await Promise.all(open.slice(at, at + AT_ONCE).map((contact) => audit(campaign, contact, feeding)));
    }
  };

  async function audit(
    { id, state }: Campaign,
    contact: { ref: string; round: number },
    feeding: ReadonlySet<string>,
  ): Promise<void> {
    const callId = contactCallId(id, contact.ref, contact.round);
    const loaded = await calls.load(callId);
    if (!loaded) {
      if (feeding.has(contact.ref)) return;
      logger.error({ campaignId: id, callId }, 'call of a contact is gone');
      await contacts.step(id, contact, LOST_STEP);
      return;
    }
    const { call } = loaded;
    if (await tellCampaign(contacts, call)) logger.info({ campaignId: id, callId, state: call.state }, 'campaign was told late');
    if (state !== 'canceled' || !isWaiting(call)) return;
    const applied = await calls.apply(callId, { type: 'end-asked', cause: 'canceled', by: 'operator', source: 'dialer' });
    if (applied) await waker(wakesOf(applied.effects));
  }
}
