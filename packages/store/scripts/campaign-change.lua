-- Writes a campaign, if nobody has changed it since.
-- KEYS    1 def
-- ARGV    1 the revision that was read, '' = create · 2 state · 3 the campaign as JSON
-- result  the new revision, 0 if somebody was faster
local now = redis.call('HGET', KEYS[1], 'r')
-- ioredis sends an unanswered script again: what stands there already is ours.
local kept = redis.call('HGET', KEYS[1], 'j')
if kept == ARGV[3] and now == tostring((tonumber(ARGV[1]) or 0) + 1) then return tonumber(now) end
if (now or '') ~= ARGV[1] then return 0 end
local revision = (tonumber(ARGV[1]) or 0) + 1
redis.call('HSET', KEYS[1], 'r', revision, 'st', ARGV[2], 'j', ARGV[3])
return revision
