-- An order for one gateway. The stream outlives its last order by a while, then goes, so that dead gateways leave nothing.
-- KEYS    1 the gateway's orders
-- ARGV    1 order JSON · 2 about how many orders are kept · 3 life after the last order, ms
-- result  the entry's id
local id = redis.call('XADD', KEYS[1], 'MAXLEN', '~', ARGV[2], '*', 'o', ARGV[1])
redis.call('PEXPIRE', KEYS[1], ARGV[3])
return id
