-- A place for an attempt that is under way and has none, whatever the limits say.
-- KEYS    as admission.lua
-- ARGV    1 place · 2 number · 3 from-number · 4 campaign, '' = none · 5 minutes at most · 6 expires at ms
--         7 price of a minute, '' = as operators have set it for all countries · 8 gateway, '' = not known
-- result  the moment that counts as having asked for it, µs; 0 if it has one or has run out
local name, expires_at = ARGV[1], tonumber(ARGV[6])
if expires_at <= now or redis.call('HEXISTS', PLACES, name) == 1 then return 0 end
local price = tonumber(ARGV[7]) or price_of(redis.call('HGET', LIMITS, 'prices') or '', nil)
local place = {
  from = ARGV[3], number = ARGV[2], campaign = ARGV[4], minutes = tonumber(ARGV[5]), price = price, turn_us = now_us, tried_at = '',
  gateway = ARGV[8],
}
write_place(name, place, expires_at)
count_place_everywhere(place, 1, 0)
return now_us
