/*
 * Every key of the store is built here. Below the prefix (default `onhook`):
 *
 * key                        type             content                                                          written by
 * -------------------------  ---------------  ---------------------------------------------------------------  ---------------------
 * {s}:call:<id>              hash             v version · c last commit ids, newest first · st state ·          commit.lua
 *                                             ow gatewayId|streamSid while bridged · i kept no-news ·
 *                                             g no-news counted only · j the call as JSON
 * {s}:timeline:<id>          stream → string  one entry a version; once ended: deflated JSON of them all        commit.lua
 * {s}:transcript:<id>        hash, expires    attempt → its transcript, packed                                 transcripts.ts
 * {s}:due                    zset             call id by deadline, Redis milliseconds                           commit.lua
 * {s}:leases                 zset             callId|gatewayId|streamSid by expiry, Redis milliseconds          commit.lua, renew-leases.lua
 * {s}:sids                   hash             carrier call id → call id, until an hour after the attempt ended  commit.lua
 * {s}:sids-over              zset             carrier call ids of ended attempts by that moment                 commit.lua
 * {s}:index                  zset, all 0      <createdAt, 15 digits>:<call id>, for listing by age              commit.lua
 * {s}:expiry                 zset             index member by the moment its call expires                       commit.lua
 * {s}:outbox                 stream           changes of state that must not be lost; never trimmed             commit.lua
 * {s}:feed                   stream, trimmed  all news, for live watchers                                       commit.lua
 * {s}:idem:<hash>            string, expires  fingerprint|callId; the hash hides what the client wrote          commit.lua
 * {acct:<account>}:limits    hash             limits that operators set, kill switch                           admission-control.ts
 *   …:in-flight              zset             place (callId:attempt) by its expiry, Redis milliseconds          the scripts of
 *   …:places                 hash             place → what it holds: from, number, campaign, minutes, turn;     admission
 *                                             #number → the place under which it is being called
 *   …:meters                 hash             places, last turns, minutes and money held and spent              (admission.lua)
 *   …:tries · …:tried        hash · zset      number → when it was dialed within 24 h · number by its last try  〃
 *   …:do-not-call            hash             number → since when                                               admission-control.ts
 *   …:campaigns              hash             campaign → state, revision, limits                                admission-control.ts
 *   …:wait                   string, expires  why the whole account waits, and until when                       admit.lua
 * {gw:<id>}:lease            string, expires  directory entry                                                   directory.ts
 * {gw:<id>}:orders           stream, expires  orders for that gateway                                           send-order.lua
 * {gateways}:known           zset             gateway ids by expiry: whose lease to look at                     beat.lua
 * {beats}:<kind>             zset             worker ids by expiry                                              beat.lua
 *
 * {s} is the call's shard, a–p, in its id. What one script touches stands in one slot. Numbers and words stand in `j` alone;
 * under {acct} a number is its hash.
 */
import { shardOf, type CallId, type GatewayId, type Shard } from '@onhook/contracts';

export type AccountKey = 'limits' | 'in-flight' | 'places' | 'meters' | 'tries' | 'tried' | 'do-not-call' | 'campaigns' | 'wait';

export interface Keys {
  call(callId: CallId): string;
  timeline(callId: CallId): string;
  transcript(callId: CallId): string;
  due(shard: Shard): string;
  leases(shard: Shard): string;
  sids(shard: Shard): string;
  sidsOver(shard: Shard): string;
  index(shard: Shard): string;
  expiry(shard: Shard): string;
  outbox(shard: Shard): string;
  feed(shard: Shard): string;
  idempotency(shard: Shard, hash: string): string;
  /** All that admission decides for one carrier account lies in one slot. */
  account(account: string): (name: AccountKey) => string;
  gatewayLease(gatewayId: GatewayId): string;
  gatewayOrders(gatewayId: GatewayId): string;
  knownGateways(): string;
  beats(kind: string): string;
}

/**
 * @param prefix stands before every key; letters, digits, `:`, `_`, `-`, `.` only, because braces would move the hash tag
 * @throws Error on any other prefix
 */
export function createKeys(prefix: string): Keys {
  if (!/^[\w:.-]{1,64}$/.test(prefix)) throw new Error('the key prefix must be 1–64 letters, digits, ":", "_", "-" or "."');
  const inShard = (shard: Shard, name: string): string => `${prefix}:{${shard}}:${name}`;
  return {
    call: (callId) => inShard(shardOf(callId), `call:${callId}`),
    timeline: (callId) => inShard(shardOf(callId), `timeline:${callId}`),
    transcript: (callId) => inShard(shardOf(callId), `transcript:${callId}`),
    due: (shard) => inShard(shard, 'due'),
    leases: (shard) => inShard(shard, 'leases'),
    sids: (shard) => inShard(shard, 'sids'),
    sidsOver: (shard) => inShard(shard, 'sids-over'),
    index: (shard) => inShard(shard, 'index'),
    expiry: (shard) => inShard(shard, 'expiry'),
    outbox: (shard) => inShard(shard, 'outbox'),
    feed: (shard) => inShard(shard, 'feed'),
    idempotency: (shard, hash) => inShard(shard, `idem:${hash}`),
    account: (account) => (name) => `${prefix}:{acct:${encodeURIComponent(account)}}:${name}`,
    gatewayLease: (gatewayId) => `${prefix}:{gw:${gatewayId}}:lease`,
    gatewayOrders: (gatewayId) => `${prefix}:{gw:${gatewayId}}:orders`,
    knownGateways: () => `${prefix}:{gateways}:known`,
    beats: (kind) => `${prefix}:{beats}:${kind}`,
  };
}
