-- A delivery that is over waits once more.
-- KEYS    1 line · 2 due
-- ARGV    1 `callId|endpointId` · 2 sequence · 3 the delivery as it was read · 4 as it shall be, with `NOW` for the moment
--         5 life of the line, ms
-- result  the delivery as it is now; nil: it was changed in between
if redis.call('HGET', KEYS[1], ARGV[2]) ~= ARGV[3] then return false end
local time = redis.call('TIME')
local now = string.format('%.0f', time[1] * 1000 + math.floor(time[2] / 1000))
local again = string.gsub(ARGV[4], 'NOW', now)
redis.call('HSET', KEYS[1], ARGV[2], again)
redis.call('HINCRBY', KEYS[1], 'p', 1)
redis.call('PEXPIRE', KEYS[1], ARGV[5])
redis.call('ZADD', KEYS[2], 'NX', now, ARGV[1])
return again
