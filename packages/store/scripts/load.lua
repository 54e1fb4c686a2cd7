-- A record, its idempotency key if asked for, and the time that both live by. Writes nothing.
-- KEYS    1 call hash · 2 idempotency record (optional)
-- ARGV    none
-- result  { now ms, version, commit ids, kept no-news, counted no-news, call JSON, idempotency record }; nil for what is not there
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
local record = redis.call('HMGET', KEYS[1], 'v', 'c', 'i', 'g', 'j')
local claimed = false
if KEYS[2] then claimed = redis.call('GET', KEYS[2]) end
return { now, record[1], record[2], record[3], record[4], record[5], claimed }
