-- Takes members of a zset that are due, and makes them due again after a while: so each is given to one asker, and to another if that one dies.
-- KEYS    1 zset by moment, ms
-- ARGV    1 due are those whose moment has passed for so long, ms · 2 due again after, ms · 3 most members
-- result  { member, … }, the longest due first
local time = redis.call('TIME')
local before = time[1] * 1000 + math.floor(time[2] / 1000) - ARGV[1]
local due = redis.call('ZRANGEBYSCORE', KEYS[1], '-inf', string.format('%.0f', before), 'LIMIT', 0, ARGV[3])
for _, member in ipairs(due) do redis.call('ZADD', KEYS[1], string.format('%.0f', before + ARGV[2]), member) end
return due
