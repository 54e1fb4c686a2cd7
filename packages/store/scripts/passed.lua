-- Members of a zset whose score, in Redis milliseconds, has passed; soonest first. Writes nothing.
-- KEYS    1 zset (due, leases)
-- ARGV    1 most members to return
-- result  { member, score, member, score, … }
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
return redis.call('ZRANGEBYSCORE', KEYS[1], '-inf', string.format('%.0f', now), 'WITHSCORES', 'LIMIT', 0, ARGV[1])
