interface Redis {
  keys(pattern: string): Promise<string[]>;
  call(command: string, ...args: (string | number)[]): Promise<unknown>;
}

/**
 * Copies one call of each shard until there are `count` older ones: the listing does not know them from calls that were asked for.
 * A thousand at a time, by a script, for a million requests would take an hour.
 */
export async function seedOlderCalls(redis: Redis, prefix: string, count: number): Promise<void> {
  const shards = 'abcdefghijklmnop'.split('');
  const each = Math.ceil(count / shards.length);
  for (const shard of shards) {
    const [template] = await redis.keys(`${prefix}:{${shard}}:call:*`);
    if (template === undefined) throw new Error(`shard ${shard} has no call to copy`);
    const index = `${prefix}:{${shard}}:index`;
    for (let from = 0; from < each; from += AT_ONCE) {
      await redis.call('EVAL', COPY, 2, template, index, shard, from, Math.min(AT_ONCE, each - from));
    }
  }
}

const AT_ONCE = 5_000;

const COPY = `
local fields = redis.call('HGETALL', KEYS[1])
local old_id = string.match(KEYS[1], 'call:(call_.+)$')
local base = string.sub(KEYS[1], 1, #KEYS[1] - #old_id)
local letters = '0123456789abcdefghjkmnpqrstvwxyz'
local members = {}
for i = tonumber(ARGV[2]), tonumber(ARGV[2]) + tonumber(ARGV[3]) - 1 do
  local left, digits = i, ''
  while #digits < 25 do
    digits = string.sub(letters, left % 32 + 1, left % 32 + 1) .. digits
    left = math.floor(left / 32)
  end
  local id = 'call_' .. ARGV[1] .. '_0' .. digits
  for f = 1, #fields, 2 do
    if fields[f] == 'j' then redis.call('HSET', base .. id, 'j', (string.gsub(fields[f + 1], old_id, id)))
    else redis.call('HSET', base .. id, fields[f], fields[f + 1]) end
  end
  members[#members + 1] = 0
  members[#members + 1] = string.format('%015d:', 1000000000000 + i) .. id
end
redis.call('ZADD', KEYS[2], unpack(members, 1, math.min(#members, 7000)))
if #members > 7000 then redis.call('ZADD', KEYS[2], unpack(members, 7001)) end
return #members / 2
`;
