-- A stream may open at this gateway within so long: the key lives as long as the last that may.
-- KEYS    1 the gateway's key for that
-- ARGV    1 ms
-- result  1
if redis.call('PTTL', KEYS[1]) < tonumber(ARGV[1]) then redis.call('SET', KEYS[1], 1, 'PX', ARGV[1]) end
return 1
