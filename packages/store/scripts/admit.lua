-- A concurrency lease for one attempt. Asking again for the same attempt keeps its place and never shortens its lease.
-- KEYS    1 the account's leases in flight
-- ARGV    1 `callId:attempt` · 2 most in flight · 3 lease ms
-- result  { 1 granted or 0 refused, now ms, ms until the soonest lease in flight expires (refused only) }
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
redis.call('ZREMRANGEBYSCORE', KEYS[1], '-inf', string.format('%.0f', now))
if not redis.call('ZSCORE', KEYS[1], ARGV[1]) and redis.call('ZCARD', KEYS[1]) >= tonumber(ARGV[2]) then
  local soonest = redis.call('ZRANGE', KEYS[1], 0, 0, 'WITHSCORES')
  return { 0, now, (soonest[2] or now) - now }
end
redis.call('ZADD', KEYS[1], 'GT', string.format('%.0f', now + ARGV[3]), ARGV[1])
return { 1, now }
