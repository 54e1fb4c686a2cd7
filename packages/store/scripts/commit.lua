-- The one commit of a call: record, commit id, timeline, deadline, lease, SIDs, index, outbox and feed, all or nothing, in
-- one slot. Knows no policy: everything was decided before.
--
-- KEYS    1 call · 2 timeline · 3 due · 4 leases · 5 sids · 6 index · 7 expiry · 8 outbox · 9 feed · 10 ended SIDs
--         11 to archive · 12 when creating: idempotency (optional); when the call ends: the day's statistics
-- ARGV    1 call id · 2 expected last commit id, '' = create · 3 this commit's id · 4 version · 5 state · 6 deadline ms, '' = none
--         7 owner `gatewayId|streamSid`, '' unless bridged · 8 lease ms · 9 kept no-news · 10 call JSON
--         11 timeline entry JSON, '' = none · 12 compact timeline, '' = append to the stream · 13 ended at ms, '' = not yet
--         14 index member · 15 feed JSON, '' = none · 16 feed length · 17 outbox JSON, '' = none
--         18 idempotency record · 19 its life ms · 20 how long an ended SID stays known, ms
--         21 how long an ended call settles before it is archived, ms · 22 '1' = nothing personal is left, no words are taken any more
--         23… `+sid` of an attempt that lives, `-sid` of one that ended, `#amount field` of the statistics
-- result  'committed' · 'conflict' (somebody else's commit came between) · 'taken' (create: the record or the key exists)
local STATS_KEPT_MS = 36 * 86400000
local call_id, expected, commit_id = ARGV[1], ARGV[2], ARGV[3]
local stored = redis.call('HMGET', KEYS[1], 'c', 'ow')
local commits, old_owner = stored[1] or '', stored[2] or ''

-- ioredis sends an unanswered script again after a reconnect: if our id is among the record's last, we did succeed.
if string.find(commits, commit_id, 1, true) then return 'committed' end

if expected == '' then
  if commits ~= '' then return 'taken' end
  if KEYS[12] and redis.call('EXISTS', KEYS[12]) == 1 then return 'taken' end
elseif string.sub(commits, 1, #expected) ~= expected then
  return 'conflict'
end

local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)

-- The last four ids, for a resend that arrives after somebody else has committed in between.
local kept, count = commit_id, 1
for id in string.gmatch(commits, '[^,]+') do
  if count < 4 then kept = kept .. ',' .. id end
  count = count + 1
end
redis.call('HSET', KEYS[1], 'v', ARGV[4], 'c', kept, 'st', ARGV[5], 'ow', ARGV[7], 'i', ARGV[9], 'j', ARGV[10])

if ARGV[12] ~= '' then
  redis.call('SET', KEYS[2], ARGV[12])
elseif ARGV[11] ~= '' then
  redis.call('XADD', KEYS[2], ARGV[4] .. '-0', 'e', ARGV[11])
end

if ARGV[6] ~= '' then redis.call('ZADD', KEYS[3], ARGV[6], call_id) else redis.call('ZREM', KEYS[3], call_id) end

-- NX: only the owner renews its lease; a callback that arrives for a call of a dead gateway does not.
if old_owner ~= '' and old_owner ~= ARGV[7] then redis.call('ZREM', KEYS[4], call_id .. '|' .. old_owner) end
if ARGV[7] ~= '' then redis.call('ZADD', KEYS[4], 'NX', string.format('%.0f', now + ARGV[8]), call_id .. '|' .. ARGV[7]) end

-- A leg that ended stays known for a while: a search for another attempt's leg must not take it for one that nobody owns.
for i = 23, #ARGV do
  local sign, sid = string.sub(ARGV[i], 1, 1), string.sub(ARGV[i], 2)
  if sign == '#' then
    local amount, field = string.match(sid, '^(%d+) (.*)$')
    redis.call('HINCRBY', KEYS[12], field, amount)
    redis.call('PEXPIRE', KEYS[12], STATS_KEPT_MS)
  elseif sign == '+' then
    redis.call('HSET', KEYS[5], sid, call_id)
    redis.call('ZREM', KEYS[10], sid)
  elseif redis.call('HGET', KEYS[5], sid) == call_id then
    redis.call('ZADD', KEYS[10], string.format('%.0f', now + ARGV[20]), sid)
  end
end
for _, sid in ipairs(redis.call('ZRANGEBYSCORE', KEYS[10], '-inf', string.format('%.0f', now), 'LIMIT', 0, 20)) do
  redis.call('HDEL', KEYS[5], sid)
  redis.call('ZREM', KEYS[10], sid)
end

if expected == '' then
  redis.call('ZADD', KEYS[6], 0, ARGV[14])
  if KEYS[12] then redis.call('SET', KEYS[12], ARGV[18], 'PX', ARGV[19]) end
end

-- Redis must not forget it by itself: not before the archive has it. Whoever keeps the retention does (forget.lua).
if ARGV[13] ~= '' then
  redis.call('ZADD', KEYS[7], ARGV[13], ARGV[14])
  redis.call('ZADD', KEYS[11], string.format('%.0f', now + ARGV[21]), call_id)
  redis.call('PERSIST', KEYS[1])
end
if ARGV[22] == '1' then redis.call('HSET', KEYS[1], 'x', '1') end

if ARGV[15] ~= '' then redis.call('XADD', KEYS[9], 'MAXLEN', '~', ARGV[16], '*', 'e', ARGV[15]) end
if ARGV[17] ~= '' then redis.call('XADD', KEYS[8], '*', 'e', ARGV[17]) end
return 'committed'
