-- Gives a place back. Once: what it used is counted by whoever comes first.
-- KEYS    as admission.lua
-- ARGV    1 place · 2 billed minutes, '' = nothing was dialed · 3 when it was last asked for, µs, '' = whenever: a process that slept must not
--         give back what somebody else has asked for since
-- result  1, or 0 if there was no such place
local place = parse_place(redis.call('HGET', PLACES, ARGV[1]))
if not place or ARGV[3] ~= '' and tonumber(ARGV[3]) ~= place.asked_us then return 0 end
give_back(ARGV[1], place, tonumber(ARGV[2]))
return 1
