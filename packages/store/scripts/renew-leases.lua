-- Renews a gateway's media leases in one shard and touches no version. A stream whose call is not bridged to this very
-- gateway and stream is not renewed: its socket has to be closed.
-- KEYS    1 leases · 2… the calls' hashes
-- ARGV    1 lease ms · 2 gateway id · 3… for each call hash: call id, stream SID
-- result  { position (from 0) of each stream that is no longer the gateway's }
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
local expires = string.format('%.0f', now + ARGV[1])
local close = {}
for i = 0, #KEYS - 2 do
  local call_id, owner = ARGV[3 + 2 * i], ARGV[2] .. '|' .. ARGV[4 + 2 * i]
  local record = redis.call('HMGET', KEYS[2 + i], 'st', 'ow')
  if record[1] == 'bridged' and record[2] == owner then
    redis.call('ZADD', KEYS[1], expires, call_id .. '|' .. owner)
  else
    close[#close + 1] = i
  end
end
return close
