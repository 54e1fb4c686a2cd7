-- Words live as long as their call, and not after it was erased.
-- KEYS    1 call · 2 transcript
-- ARGV    1 attempt · 2 what was said in it, packed
-- result  1; 0 if there is no such call any more, or nothing personal may be kept of it
local state = redis.call('HMGET', KEYS[1], 'st', 'x')
if not state[1] or state[2] then return 0 end
redis.call('HSET', KEYS[2], ARGV[1], ARGV[2])
redis.call('PERSIST', KEYS[2])
return 1
