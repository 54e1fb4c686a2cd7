-- One more event that changed nothing and is past what the timeline keeps. Never brings an expired record back.
-- KEYS    1 call hash
-- ARGV    none
-- result  the count; 0 if there is no such record
if redis.call('EXISTS', KEYS[1]) == 0 then return 0 end
return redis.call('HINCRBY', KEYS[1], 'g', 1)
