-- A sign of life in a zset of who lives until when (Redis milliseconds); forgets those dead for an hour.
-- KEYS    1 zset
-- ARGV    1 member · 2 ms that the sign is good for
-- result  1
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
redis.call('ZADD', KEYS[1], string.format('%.0f', now + ARGV[2]), ARGV[1])
redis.call('ZREMRANGEBYSCORE', KEYS[1], '-inf', string.format('%.0f', now - 3600000))
return 1
