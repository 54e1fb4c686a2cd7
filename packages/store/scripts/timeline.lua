-- A call's timeline in whichever of its two forms it has. Writes nothing.
-- KEYS    1 timeline
-- ARGV    none
-- result  { 'stream', entry JSON, … } · { 'packed', value } · { } if there is none
local kind = redis.call('TYPE', KEYS[1]).ok
if kind == 'string' then return { 'packed', redis.call('GET', KEYS[1]) } end
if kind ~= 'stream' then return {} end
local result = { 'stream' }
for _, entry in ipairs(redis.call('XRANGE', KEYS[1], '-', '+')) do result[#result + 1] = entry[2][2] end
return result
