-- Who has shown a sign of life that is still good. Writes nothing.
-- KEYS    1 zset of beat.lua
-- ARGV    none
-- result  { member, … }
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
return redis.call('ZRANGEBYSCORE', KEYS[1], string.format('(%.0f', now), '+inf')
