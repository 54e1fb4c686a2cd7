import { deflateRawSync, inflateRawSync } from 'node:zlib';
import type { CampaignId } from '@onhook/contracts';
import { createKeys } from '../../keys.js';
import { BLOCK_SIZE, type Contact, type Contacts, type Fed } from '../../ports/campaigns.js';
import { countsOf, minutesOf } from '../../record/campaign-counts.js';
import { identityOf, packContacts, readBlock, readZones, unpackContacts } from '../../record/contact-block.js';
import {
  isOpen,
  kindOf,
  MARK_BYTES,
  orderOf,
  parseBatch,
  parseRef,
  readMark,
  refOf,
  stepFields,
} from '../../record/contact-mark.js';
import { OPEN_VAULT, type Vault } from '../../vault.js';
import { ask } from './ask.js';
import { campaignScripts, waitingName } from './campaign-scripts.js';
import type { RedisClient } from './connect.js';
import { runScript, runScriptForBytes } from './scripts.js';

const BLOCKS_AT_ONCE = 32;
const FAILURES_KEPT_MS = 7 * 86_400_000;

export interface RedisContactsDeps {
  readonly redis: RedisClient;
  readonly prefix: string;
  readonly vault?: Vault;
}

export function createRedisContacts({ redis, prefix, vault = OPEN_VAULT }: RedisContactsDeps): Contacts {
  const keys = createKeys(prefix);

  async function blockOf(id: CampaignId, block: number): Promise<Contact[]> {
    const of = keys.campaign(id);
    const [stored, marks, codes, [closed]] = await Promise.all([
      ask(() => redis.hgetBuffer(of('blocks'), String(block))),
      ask(() => redis.hgetBuffer(of('marks'), String(block))),
      ask(() => redis.hgetall(of('codes'))),
      ask(() => redis.hmget(of('counts'), 'closed')),
    ]);
    if (!stored) return [];
    const { zones, leftOut, packed } = readBlock(stored);
    const reasons = new Map(Object.entries(codes).map(([reason, code]) => [Number(code), reason]));
    return unpackContacts(vault, id, packed).flatMap((contact, index) => {
      if (leftOut.has(index)) return [];
      const mark = readMark({ marks, index, reasons, block, zones, closed: closed ?? '' });
      return [{ ...contact, ...mark, ref: refOf(block, index), zones }];
    });
  }

  function fedOf(id: CampaignId, batch: string, stored: Buffer, marks: Buffer): Fed {
    const { block, first, last } = parseBatch(batch);
    const { zones, packed } = readBlock(stored);
    const contacts = unpackContacts(vault, id, packed).slice(first, last + 1);
    return {
      batch,
      contacts: contacts.map((contact, at) => {
        const index = first + at;
        return { ...contact, ref: refOf(block, index), round: marks[index * MARK_BYTES + 3] ?? 0, zones };
      }),
    };
  }

  return {
    async add(id, zones, contacts, token) {
      if (contacts.length === 0) return { duplicates: [] };
      if (contacts.length > BLOCK_SIZE) throw new RangeError(`a block has at most ${BLOCK_SIZE} contacts`);
      const of = keys.campaign(id);
      const text = zones.join(' ');
      const named = [of('counts'), of('blocks'), of('seen'), of(waitingName(text)), of('left'), of('recent')];
      const args = [text, packContacts(vault, id, contacts), token, ...contacts.map((contact) => identityOf(vault, contact))];
      return { duplicates: (await runScript(redis, campaignScripts.add, named, args)) as number[] };
    },

    async counts(id) {
      return countsOf(await ask(() => redis.hgetall(keys.campaign(id)('counts'))));
    },

    async series(id) {
      const [[seconds], slots] = await Promise.all([
        ask(() => redis.time()),
        ask(() => redis.hvals(keys.campaign(id)('series'))),
      ]);
      return minutesOf(slots, Math.floor(Number(seconds) / 60));
    },

    async page(id, { limit, after }) {
      const blocks = Number((await ask(() => redis.hget(keys.campaign(id)('counts'), 'blocks'))) ?? 0);
      const from = after === null ? { block: 0, index: -1 } : parseRef(after);
      const page: Contact[] = [];
      for (let block = from.block; block < blocks && page.length < limit; block++) {
        const contacts = await blockOf(id, block);
        page.push(...contacts.filter(({ ref }) => block > from.block || parseRef(ref).index > from.index));
      }
      return page.slice(0, limit);
    },

    async contact(id, ref) {
      return (await blockOf(id, parseRef(ref).block)).find((contact) => contact.ref === ref) ?? null;
    },

    async waiting(id) {
      const left = await ask(() => redis.hgetall(keys.campaign(id)('left')));
      return Object.entries(left).map(([text, count]) => ({ zones: readZones(text), count: Number(count) }));
    },

    async take(id, zones, count) {
      const of = keys.campaign(id);
      const text = zones.join(' ');
      const named = [
        of('counts'),
        of('blocks'),
        of(waitingName(text)),
        of('left'),
        of('marks'),
        of('open'),
        of('feeding'),
        of('def'),
      ];
      const taken = (await runScriptForBytes(redis, campaignScripts.take, named, [text, count])) as [Buffer, Buffer, Buffer][];
      return taken.map(([batch, stored, marks]) => fedOf(id, batch.toString('latin1'), stored, marks));
    },

    async feeding(id) {
      const of = keys.campaign(id);
      const batches = await ask(() => redis.hkeys(of('feeding')));
      const found = await Promise.all(
        batches.map(async (batch) => {
          const block = String(parseBatch(batch).block);
          const [stored, marks] = await Promise.all([
            ask(() => redis.hgetBuffer(of('blocks'), block)),
            ask(() => redis.hgetBuffer(of('marks'), block)),
          ]);
          return stored && marks ? [fedOf(id, batch, stored, marks)] : [];
        }),
      );
      return found.flat();
    },

    async fed(id, batch) {
      await ask(() => redis.hdel(keys.campaign(id)('feeding'), batch));
    },

    async step(id, { ref, round }, step) {
      const of = keys.campaign(id);
      const { block, index } = parseRef(ref);
      const named = [of('counts'), of('marks'), of('open'), of('codes'), of('series')];
      const args = [
        block,
        index,
        round,
        orderOf(step),
        kindOf(step.state),
        step.reason ?? '',
        ...stepFields(step),
        step.isError ? 1 : 0,
      ];
      return (await runScript(redis, campaignScripts.step, named, args)) === 1;
    },

    async underWay(id, cursor) {
      const of = keys.campaign(id);
      const [next, found] = await ask(() => redis.hscan(of('open'), cursor, 'COUNT', 20));
      const blocks = found.filter((_, i) => i % 2 === 0);
      const marks = blocks.length === 0 ? [] : await ask(() => redis.hmgetBuffer(of('marks'), ...blocks));
      const contacts = blocks.flatMap((block, at) => {
        const bytes = marks[at];
        if (!bytes) return [];
        return Array.from({ length: Math.floor(bytes.length / MARK_BYTES) }, (_, index) => index)
          .filter((index) => isOpen(bytes[index * MARK_BYTES]!))
          .map((index) => ({ ref: refOf(Number(block), index), round: bytes[index * MARK_BYTES + 3]! }));
      });
      return { contacts, cursor: next };
    },

    async hold(id, ref, until) {
      await ask(() => redis.zadd(keys.campaign(id)('held'), until, ref));
    },

    async held(id, at) {
      const key = keys.campaign(id)('held');
      await ask(() => redis.zremrangebyscore(key, '-inf', at));
      return ask(() => redis.zcard(key));
    },

    async close(id, why) {
      const of = keys.campaign(id);
      for (;;) {
        const zones = await ask(() => redis.hkeys(of('left')));
        const named = [of('counts'), of('left'), ...zones.map((text) => of(waitingName(text)))];
        const count = Number(await runScript(redis, campaignScripts.close, named, [why]));
        if (count >= 0) return count;
      }
    },

    async again(id, causes) {
      const of = keys.campaign(id);
      const blocks = await ask(() => redis.hkeys(of('marks')));
      const taken = async (block: string): Promise<number> => {
        const stored = await ask(() => redis.hgetBuffer(of('blocks'), block));
        if (!stored) return 0;
        const text = readBlock(stored).zones.join(' ');
        const named = [of('counts'), of('marks'), of('codes'), of(waitingName(text)), of('left')];
        return Number(await runScript(redis, campaignScripts.again, named, [block, text, ...causes]));
      };
      let count = 0;
      for (let at = 0; at < blocks.length; at += BLOCKS_AT_ONCE) {
        const counts = await Promise.all(blocks.slice(at, at + BLOCKS_AT_ONCE).map(taken));
        count += counts.reduce((sum, one) => sum + one, 0);
      }
      return count;
    },

    async saveFailures(id, importId, csv) {
      const packed = vault.seal(`failed rows of ${id}`, deflateRawSync(csv));
      await ask(() => redis.set(keys.campaign(id)(`failed:${importId}`), packed, 'PX', FAILURES_KEPT_MS));
    },

    async loadFailures(id, importId) {
      const packed = await ask(() => redis.getBuffer(keys.campaign(id)(`failed:${importId}`)));
      return packed ? inflateRawSync(vault.open(`failed rows of ${id}`, packed)).toString('utf8') : null;
    },
  };
}
