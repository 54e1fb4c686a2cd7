-- Takes a line that is due: its due moment is moved on, so that it comes back by itself should whoever took it die.
-- KEYS    1 line · 2 due
-- ARGV    1 `callId|endpointId` · 2 token · 3 how long the claim lasts, ms · 4 how much too early is early enough, ms
-- result  { now ms, field, value, … }; nil: not due, or nothing waits
local score = redis.call('ZSCORE', KEYS[2], ARGV[1])
if not score then return false end
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
if tonumber(score) > now + ARGV[4] then return false end
if redis.call('EXISTS', KEYS[1]) == 0 then
  redis.call('ZREM', KEYS[2], ARGV[1])
  return false
end
redis.call('ZADD', KEYS[2], string.format('%.0f', now + ARGV[3]), ARGV[1])
redis.call('HSET', KEYS[1], 'l', ARGV[2])
local answer = redis.call('HGETALL', KEYS[1])
table.insert(answer, 1, now)
return answer
