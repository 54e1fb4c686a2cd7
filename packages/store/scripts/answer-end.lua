-- The work of a request with an idempotency key is over, one way or the other.
-- KEYS    1 what is kept of the key
-- ARGV    1 run · 2 the answer, empty: forget it · 3 for how long the answer is kept, ms
-- result  1 if this run still had the key
if redis.call('HGET', KEYS[1], 'r') ~= ARGV[1] then return 0 end
if ARGV[2] == '' then
  redis.call('DEL', KEYS[1])
else
  redis.call('HSET', KEYS[1], 'a', ARGV[2])
  redis.call('PEXPIRE', KEYS[1], ARGV[3])
end
return 1
