-- One entry of the outbox becomes one delivery for each endpoint that wants it, in one step: nothing between can be lost or repeated.
-- KEYS    1 outbox · 2 log · 3 due · 4… the call's line to each endpoint
-- ARGV    1 the entry's id · 2 sequence · 3 the delivery · 4 life of lines and log, ms · 5… `callId|endpointId` of each line
-- result  1 · 0 (somebody else has relayed it)
if redis.call('XDEL', KEYS[1], ARGV[1]) == 0 then return 0 end
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
for i = 4, #KEYS do
  local member = ARGV[i + 1]
  if redis.call('HSETNX', KEYS[i], ARGV[2], ARGV[3]) == 1 then
    redis.call('HINCRBY', KEYS[i], 'p', 1)
    redis.call('PEXPIRE', KEYS[i], ARGV[4])
    -- NX: a line that waits for its next try goes on waiting.
    redis.call('ZADD', KEYS[3], 'NX', string.format('%.0f', now), member)
    redis.call('XADD', KEYS[2], 'MINID', '~', string.format('%.0f', now - ARGV[4]), '*', 'd', member .. '|' .. ARGV[2])
  end
end
redis.call('PEXPIRE', KEYS[2], ARGV[4])
return 1
