-- Gives a place back. Once: what it used is counted by whoever comes first.
-- KEYS    as admission.lua
-- ARGV    1 place · 2 billed minutes, '' = nothing was dialed
-- result  1, or 0 if there was no such place
local place = parse_place(redis.call('HGET', PLACES, ARGV[1]))
if not place then return 0 end
give_back(ARGV[1], place, tonumber(ARGV[2]))
return 1
