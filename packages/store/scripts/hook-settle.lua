-- What became of the delivery that was claimed.
-- KEYS    1 line · 2 due
-- ARGV    1 `callId|endpointId` · 2 the claim's token · 3 sequence · 4 the delivery · 5 '1': it waits no longer
--         6 when the line is due next, ms, '' = now · 7 life of the line, ms
-- result  how many wait in the line; -1: the claim was lost
if redis.call('HGET', KEYS[1], 'l') ~= ARGV[2] then return -1 end
redis.call('HDEL', KEYS[1], 'l')
redis.call('HSET', KEYS[1], ARGV[3], ARGV[4])
redis.call('PEXPIRE', KEYS[1], ARGV[7])
local waiting = tonumber(redis.call('HGET', KEYS[1], 'p') or '0')
if ARGV[5] == '1' then waiting = redis.call('HINCRBY', KEYS[1], 'p', -1) end
if waiting <= 0 then
  redis.call('ZREM', KEYS[2], ARGV[1])
  return 0
end
local time = redis.call('TIME')
local due = string.format('%.0f', time[1] * 1000 + math.floor(time[2] / 1000))
if ARGV[6] ~= '' then due = ARGV[6] end
redis.call('ZADD', KEYS[2], due, ARGV[1])
return waiting
