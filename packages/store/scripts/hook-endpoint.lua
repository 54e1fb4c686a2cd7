-- Compare-and-set of one endpoint.
-- KEYS    1 endpoints, by id
-- ARGV    1 id · 2 as it was read, '' = there was none · 3 as it shall be, '' = removed · 4 most endpoints there may be
-- result  'done' · 'changed' (it is not as it was read) · 'full'
local stored = redis.call('HGET', KEYS[1], ARGV[1])
if (stored or '') ~= ARGV[2] then return 'changed' end
if ARGV[3] == '' then
  redis.call('HDEL', KEYS[1], ARGV[1])
  return 'done'
end
if not stored and redis.call('HLEN', KEYS[1]) >= tonumber(ARGV[4]) then return 'full' end
redis.call('HSET', KEYS[1], ARGV[1], ARGV[3])
return 'done'
