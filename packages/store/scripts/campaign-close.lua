-- Nobody who waits is called any more. Costs the same for one contact and for a million: they have no marks of their own.
-- KEYS    1 counts · 2 left · 3… waiting, the lists of all zones that are left
-- ARGV    1 why: 'canceled', or the reason why they are skipped
-- result  how many there were; -1 if a list is missing among the keys
if redis.call('HLEN', KEYS[2]) ~= #KEYS - 2 then return -1 end
local count = tonumber(redis.call('HGET', KEYS[1], 'pending') or 0)
local blocks = redis.call('HGET', KEYS[1], 'blocks') or '0'
local closed = redis.call('HGET', KEYS[1], 'closed')
redis.call('HSET', KEYS[1], 'closed', (closed and closed .. ',' or '') .. blocks .. ':' .. ARGV[1], 'pending', 0)
redis.call('HINCRBY', KEYS[1], ARGV[1] == 'canceled' and 'canceled' or 'skipped:' .. ARGV[1], count)
redis.call('UNLINK', unpack(KEYS, 2))
return count
