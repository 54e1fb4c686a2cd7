-- Takes requests out of the running window of one API key.
-- KEYS    1 its counter: w window · n taken in it
-- ARGV    1 window, ms · 2 limit · 3 how many are wanted
-- result  taken · left · ms until the next window
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
local size, limit = tonumber(ARGV[1]), tonumber(ARGV[2])
local window = string.format('%.0f', math.floor(now / size))
local held = redis.call('HMGET', KEYS[1], 'w', 'n')
local used = held[1] == window and tonumber(held[2]) or 0
local taken = math.max(0, math.min(tonumber(ARGV[3]), limit - used))
if taken > 0 then
  redis.call('HSET', KEYS[1], 'w', window, 'n', used + taken)
  redis.call('PEXPIRE', KEYS[1], size * 2)
end
return { taken, math.max(0, limit - used - taken), size - now % size }
