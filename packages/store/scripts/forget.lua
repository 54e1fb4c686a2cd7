-- Removes all that is kept of an ended call, once the archive has it.
-- KEYS    1 call · 2 timeline · 3 transcript · 4 index · 5 expiry · 6 to archive · 7 sids · 8 ended SIDs
-- ARGV    1 call id · 2 index member · 3 last commit id, '' = there was no record · 4… SIDs of its attempts
-- result  'forgotten' · 'changed' (there were later commits) · 'unarchived'
if redis.call('ZSCORE', KEYS[6], ARGV[1]) and ARGV[3] ~= '' then return 'unarchived' end
local commits = redis.call('HGET', KEYS[1], 'c') or ''
if string.sub(commits, 1, #ARGV[3]) ~= ARGV[3] or (ARGV[3] == '' and commits ~= '') then return 'changed' end
redis.call('DEL', KEYS[1], KEYS[2], KEYS[3])
redis.call('ZREM', KEYS[4], ARGV[2])
redis.call('ZREM', KEYS[5], ARGV[2])
redis.call('ZREM', KEYS[6], ARGV[1])
for i = 4, #ARGV do
  if redis.call('HGET', KEYS[7], ARGV[i]) == ARGV[1] then
    redis.call('HDEL', KEYS[7], ARGV[i])
    redis.call('ZREM', KEYS[8], ARGV[i])
  end
end
return 'forgotten'
