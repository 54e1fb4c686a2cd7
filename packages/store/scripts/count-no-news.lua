-- One more event that changed nothing and is past what the timeline keeps; with 0 a write that changes nothing, behind which
-- one can wait for the replicas. Never brings an expired record back.
-- KEYS    1 call hash
-- ARGV    1 how many events
-- result  the count; 0 if there is no such record
if redis.call('EXISTS', KEYS[1]) == 0 then return 0 end
return redis.call('HINCRBY', KEYS[1], 'g', ARGV[1])
