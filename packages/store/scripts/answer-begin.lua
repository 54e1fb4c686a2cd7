-- A request with an idempotency key: is it the first one?
-- KEYS    1 what is kept of the key: f fingerprint · r the run that does the work · a its answer
-- ARGV    1 fingerprint · 2 run · 3 for how long the work may run, ms
-- result  'new', 'running', 'conflict' or 'done' and the answer
local held = redis.call('HMGET', KEYS[1], 'f', 'r', 'a')
if not held[1] then
  redis.call('HSET', KEYS[1], 'f', ARGV[1], 'r', ARGV[2])
  redis.call('PEXPIRE', KEYS[1], ARGV[3])
  return { 'new' }
end
if held[1] ~= ARGV[1] then return { 'conflict' } end
if held[3] then return { 'done', held[3] } end
-- Sent anew by the client library after a reconnect.
if held[2] == ARGV[2] then return { 'new' } end
return { 'running' }
