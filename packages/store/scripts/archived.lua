-- The archive has a call as it was at this commit.
-- KEYS    1 call · 2 to archive
-- ARGV    1 call id · 2 last commit id
-- result  1; 0 if there were later commits: then it is archived again
local commits = redis.call('HGET', KEYS[1], 'c')
if commits and string.sub(commits, 1, #ARGV[2]) ~= ARGV[2] then return 0 end
redis.call('ZREM', KEYS[2], ARGV[1])
return 1
