/*
 * Every key of the store is built here. Below the prefix (default `onhook`):
 *
 * key                        type             content                                                          written by
 * -------------------------  ---------------  ---------------------------------------------------------------  ---------------------
 * {s}:call:<id>              hash             v version · c last commit ids, newest first · st state ·          commit.lua
 *                                             ow gatewayId|streamSid while bridged · i kept no-news ·
 *                                             g no-news counted only · j the call as JSON
 * {s}:timeline:<id>          stream → string  one entry a version; once ended: deflated JSON of them all        commit.lua
 * {s}:transcript:<id>        hash             attempt → its transcript, packed; lives as long as its call               save-transcript.lua
 * {s}:due                    zset             call id by deadline, Redis milliseconds                           commit.lua
 * {s}:leases                 zset             callId|gatewayId|streamSid by expiry, Redis milliseconds          commit.lua, renew-leases.lua
 * {s}:sids                   hash             carrier call id → call id, until an hour after the attempt ended  commit.lua
 * {s}:sids-over              zset             carrier call ids of ended attempts by that moment                 commit.lua
 * {s}:index                  zset, all 0      <createdAt, 15 digits>:<call id>, for listing by age              commit.lua
 * {s}:expiry                 zset             index member by the moment its call ended                              commit.lua
 * {s}:to-archive             zset             ended calls that the archive does not have as they are, by when it is due  commit.lua
 * {s}:outbox                 stream           changes of state that must not be lost; never trimmed             commit.lua
 * {s}:feed                   stream, trimmed  all news, for live watchers                                       commit.lua
 * {s}:hook:<call id>:<wh_…>  hash, expires    a call's line to a webhook endpoint: sequence → delivery, packed ·        hook-….lua
 *                                             p how many wait · l token of the claim
 * {s}:hook-due               zset             callId|endpointId by the moment the line is due, Redis milliseconds       〃
 * {s}:hook-log               stream, expires  callId|endpointId|sequence of every delivery                              〃
 * {hooks}:endpoints          hash             webhook endpoint id → what it is, sealed                                 hook-endpoint.lua
 * {s}:idem:<hash>            string, expires  fingerprint|callId; the hash hides what the client wrote          commit.lua
 * {s}:stats:<day>            hash, expires    hour|dimension|which|measure → how many calls ended so                commit.lua
 * {acct:<account>}:limits    hash             limits that operators set, kill switch                           admission-control.ts
 *   …:in-flight              zset             place (callId:attempt) by its expiry, Redis milliseconds          the scripts of
 *   …:places                 hash             place → what it holds: from, number, campaign, minutes, turn;     admission
 *                                             #number → the place under which it is being called
 *   …:meters                 hash             places, last turns, minutes and money held and spent              (admission.lua)
 *   …:tries · …:tried        hash · zset      number → when it was dialed within 24 h · number by its last try  〃
 *   …:do-not-call            hash             number → [number, since when, note]                               do-not-call.ts
 *   …:campaigns              hash             campaign → state, revision, limits                                admission-control.ts
 *   …:wait                   string, expires  why the whole account waits, and until when                       admit.lua
 * {gw:<id>}:lease            string, expires  directory entry                                                   directory.ts
 * {gw:<id>}:orders           stream, expires  orders for that gateway                                           send-order.lua
 * {gw:<id>}:expected         string, expires  lives as long as a stream may still open there                    expect-stream.lua
 * {gateways}:known           zset             gateway ids by expiry: whose lease to look at                     beat.lua
 * {beats}:<kind>             zset             worker ids by expiry                                              beat.lua
 * {answer:<hash>}:kept      hash, expires    fingerprint, run, answer of a request with an idempotency key           answer-*.lua
 * {quota:<key id>}:taken     hash, expires    requests of an API key in the running minute                          quota.lua
 * {api-keys}:kept            hash             key id → its name, scopes, hash of the secret                     api-keys.ts
 * {api-keys}:used            hash             key id → when it was last used                                    api-keys.ts
 * {camp:<id>}:def            hash             r revision · st state · j the campaign as JSON                           campaign-change.lua
 *   …:counts                 hash             contacts by state, skipped and ended ones by reason, blocks         the scripts of
 *   …:blocks                 hash             block → its contacts, packed: <time zones>\n<left out>\n<bytes>      campaigns
 *   …:seen                   hash             bucket → 8 bytes for each contact, so that none is added twice      (campaign-*.lua)
 *   …:left                   hash             time zones → how many contacts wait there
 *   …:waiting:<hash>         list             block:first:last, contacts of the same time zones that wait
 *   …:feeding                hash             block:first:last → being given their calls
 *   …:marks                  hash             block → 12 bytes for each contact that has begun
 *   …:open · …:codes         hash · hash      block → how many of it are under way · reason → its byte in a mark
 *   …:recent                 list             token of a block|its duplicates, for the last hundred blocks               campaign-add.lua
 *   …:held                   zset             contacts whose calls wait, and not for their turn, by until when        contacts.ts
 *   …:series                 hash             minute mod 1 440 → what happened in it
 *   …:failed:<import>        string, expires  the rows of an import that were refused, packed                     contacts.ts
 * {camps}:index · …:running  zset · set       campaign by its creation · those that the feeder looks at           campaigns.ts
 * {camps}:feeder             string, expires  the dialer that feeds                                             campaigns.ts
 *
 * {s} is the call's shard, a–p, in its id. What one script touches stands in one slot. Numbers and words stand in `j` alone;
 * under {acct} a number is its hash. With a DATA_KEY `j`, transcripts and do-not-call entries are sealed, and the hash is keyed (vault.ts).
 */
import { shardOf, type CallId, type EndpointId, type CampaignId, type GatewayId, type Shard } from '@onhook/contracts';

export type AccountKey = 'limits' | 'in-flight' | 'places' | 'meters' | 'tries' | 'tried' | 'do-not-call' | 'campaigns' | 'wait';

export type CampaignKey =
  | 'def'
  | 'counts'
  | 'blocks'
  | 'seen'
  | 'left'
  | 'feeding'
  | 'marks'
  | 'open'
  | 'codes'
  | 'series'
  | 'held'
  | 'recent';

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
  toArchive(shard: Shard): string;
  outbox(shard: Shard): string;
  feed(shard: Shard): string;
  /** One call's line to one webhook endpoint. */
  hookLine(line: { readonly callId: CallId; readonly endpointId: EndpointId }): string;
  hookDue(shard: Shard): string;
  hookLog(shard: Shard): string;
  hookEndpoints(): string;
  idempotency(shard: Shard, hash: string): string;
  /** All that admission decides for one carrier account lies in one slot. */
  account(account: string): (name: AccountKey) => string;
  gatewayLease(gatewayId: GatewayId): string;
  gatewayOrders(gatewayId: GatewayId): string;
  gatewayExpected(gatewayId: GatewayId): string;
  knownGateways(): string;
  beats(kind: string): string;
  /** All of one campaign lies in one slot. */
  campaign(id: CampaignId): (name: CampaignKey | `waiting:${string}` | `failed:${string}`) => string;
  campaigns(name: 'index' | 'running' | 'feeder'): string;
  /** @param day since 1970, UTC */
  stats(shard: Shard, day: number): string;
  apiKeys(): string;
  answer(hash: string): string;
  quota(keyId: string): string;
  apiKeysUsed(): string;
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
    toArchive: (shard) => inShard(shard, 'to-archive'),
    outbox: (shard) => inShard(shard, 'outbox'),
    feed: (shard) => inShard(shard, 'feed'),
    hookLine: ({ callId, endpointId }) => inShard(shardOf(callId), `hook:${callId}:${endpointId}`),
    hookDue: (shard) => inShard(shard, 'hook-due'),
    hookLog: (shard) => inShard(shard, 'hook-log'),
    hookEndpoints: () => `${prefix}:{hooks}:endpoints`,
    idempotency: (shard, hash) => inShard(shard, `idem:${hash}`),
    account: (account) => (name) => `${prefix}:{acct:${encodeURIComponent(account)}}:${name}`,
    gatewayLease: (gatewayId) => `${prefix}:{gw:${gatewayId}}:lease`,
    gatewayOrders: (gatewayId) => `${prefix}:{gw:${gatewayId}}:orders`,
    gatewayExpected: (gatewayId) => `${prefix}:{gw:${gatewayId}}:expected`,
    knownGateways: () => `${prefix}:{gateways}:known`,
    beats: (kind) => `${prefix}:{beats}:${kind}`,
    campaign: (id) => (name) => `${prefix}:{camp:${id}}:${name}`,
    campaigns: (name) => `${prefix}:{camps}:${name}`,
    answer: (hash) => `${prefix}:{answer:${hash}}:kept`,
    quota: (keyId) => `${prefix}:{quota:${encodeURIComponent(keyId)}}:taken`,
    stats: (shard, day) => inShard(shard, `stats:${day}`),
    apiKeys: () => `${prefix}:{api-keys}:kept`,
    apiKeysUsed: () => `${prefix}:{api-keys}:used`,
  };
}
