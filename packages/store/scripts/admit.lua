-- Whether an attempt may be dialed now, and from which number: everything is looked at before anything is taken.
-- KEYS    as admission.lua
-- ARGV    1 place · 2 number · 3 country · 4 type of number · 5 lease ms · 6 minutes at most
--         7 campaign, '' = none · 8 its revision · 9 window opens at ms, '' = always open · 10 closes at ms
--         11 how far ahead turns are given, ms · 12 how long a grant is good after its turn, ms · 13 '1' = the from-numbers are the
--         call's own choice · 14 '1' = it needs a seat at one of the gateways · 15 how many from-numbers
--         16… the limits where none are set: in flight · per second · in flight of a from-number · per second of one · tries per number
--         countries · types · minutes · micros · prices, each 'none' for no limit
--         26… from-numbers, then for each gateway: its id, its seats, the conversations that it says it has
-- result  { 'granted', which from-number (0…), turn µs, ms until then, price of a minute, asked at µs, gateway } · { 'refused', cause, by }
--         { 'held', until ms, reason } · { 'account-waits', ms, reason }
local name, number, country, kind = ARGV[1], ARGV[2], ARGV[3], ARGV[4]
local lease_ms, minutes = tonumber(ARGV[5]), tonumber(ARGV[6])
local campaign, revision, opens_at, closes_at = ARGV[7], ARGV[8], tonumber(ARGV[9]), tonumber(ARGV[10])
local ahead_us, grant_us, own_choice = ARGV[11] * 1000, ARGV[12] * 1000, ARGV[13] == '1'
local FIRST_LIMIT, FIRST_FROM = 16, 26
local LAST_FROM = FIRST_FROM + ARGV[15] - 1

local limits = redis.call('HMGET', LIMITS, 'in', 'per-second', 'from:in', 'from:per-second', 'tries', 'countries', 'types',
  'minutes', 'micros', 'prices', 'killed')
for i = 1, FIRST_FROM - FIRST_LIMIT do limits[i] = limits[i] or ARGV[FIRST_LIMIT + i - 1] end
local most, per_second, most_of_from, from_per_second = tonumber(limits[1]), tonumber(limits[2]), tonumber(limits[3]), tonumber(limits[4])
local most_tries, countries, kinds = tonumber(limits[5]), limits[6], limits[7]
local most_minutes, most_micros, price, killed = tonumber(limits[8]), tonumber(limits[9]), price_of(limits[10], country), limits[11]

give_back_expired()
local kept = redis.call('HMGET', PLACES, name, '#' .. number)
local place, fence = parse_place(kept[1]), kept[2]

-- Whatever forbids the dial takes back what was granted for it before.
local function no(...)
  if place then give_back(name, place, nil) end
  return { ... }
end
local function held(ms, reason) return no('held', now + ms, reason) end
local function account_waits(ms, reason)
  ms = math.ceil(ms)
  redis.call('SET', WAIT, reason .. '|' .. int(now + ms), 'PX', int(ms + 2000))
  return { 'account-waits', ms, reason }
end
local function is_listed(list, word) return list == 'none' or string.find(list, ',' .. word .. ',', 1, true) ~= nil end

if killed == '1' then
  if place then give_back(name, place, nil) end
  return account_waits(1000, 'kill-switch')
end
if redis.call('HEXISTS', DO_NOT_CALL, number) == 1 then return no('refused', 'do-not-call', 'platform') end
if not is_listed(countries, country) then return no('refused', 'country-not-allowed', 'platform') end
if not is_listed(kinds, kind) then return no('refused', 'number-type-not-allowed', 'platform') end

local terms = {}
if campaign ~= '' then
  terms = { string.match(redis.call('HGET', CAMPAIGNS, campaign) or '', '^([^|]+)|([^|]+)|([^|]+)|([^|]+)|([^|]+)|([^|]+)$') }
  if terms[1] == 'canceled' then return no('refused', 'canceled', 'operator') end
  if terms[1] ~= 'running' then return held(60000, 'campaign-not-running') end
  if terms[2] ~= revision then return held(1000, 'campaign-changed') end
end
if opens_at and now < opens_at then return held(opens_at - now, 'outside-calling-window') end
if closes_at and now >= closes_at then return held(1000, 'outside-calling-window') end

-- A grant stands for a while; a from-number that is not ours any more ends it.
local which = {}
for i = FIRST_FROM, LAST_FROM do which[ARGV[i]] = i - FIRST_FROM end
if place and not which[place.from] then
  give_back(name, place, nil)
  place = nil
end

-- A seat is taken from the grant to the end of the call: a gateway's own count knows nothing of those that ring. The emptiest, by shares.
local gateway = place and place.gateway or ''
local seat, fullness = ARGV[14] == '1' and '' or gateway, 1
if ARGV[14] == '1' then
  for i = LAST_FROM + 1, #ARGV, 3 do
    local busy = math.max(tonumber(redis.call('HGET', METERS, 'g:' .. ARGV[i]) or 0), ARGV[i + 2])
    local full = busy / ARGV[i + 1]
    if ARGV[i] == gateway then
      seat = gateway
      break
    end
    if full < fullness then seat, fullness = ARGV[i], full end
  end
end
local function granted_as(p)
  if p.gateway ~= seat then
    count_seat(p.gateway, -1)
    count_seat(seat, 1)
    p.gateway = seat
  end
  write_place(name, p, now + lease_ms)
  return { 'granted', which[p.from], p.turn_us, math.max(0, math.ceil((p.turn_us - now_us) / 1000)), p.price, p.asked_us, p.gateway }
end
if place and ARGV[14] == '1' and seat == '' then return account_waits(500, 'no-gateway-seat') end
if place and now_us - place.turn_us <= grant_us then return granted_as(place) end

local asked = { 'day', 'a', 'c:' .. campaign }
for i = FIRST_FROM, LAST_FROM do asked[#asked + 1] = 'f:' .. ARGV[i] end
local texts = redis.call('HMGET', METERS, unpack(asked))
local of_account = parse_account_meter(texts[2], texts[1])
local of_campaign = parse_meter(campaign ~= '' and texts[3])

local tries = {}
if not place then
  if most_tries then
    tries = tries_of(number)
    if #tries >= most_tries then return { 'held', (tries[#tries - most_tries + 1] or now) + DAY_MS, 'attempts-per-day' } end
  end
  if fence and fence ~= name then return held(10000, 'destination-busy') end

  local micros = minutes * price
  local minutes_left = most_minutes and most_minutes - of_account.minutes - of_account.minutes_held
  local micros_left = most_micros and most_micros - of_account.micros - of_account.micros_held
  if minutes_left and minutes_left <= 0 then return account_waits(5000, 'minutes-per-day') end
  -- Without a price a budget of money would never be reached.
  if micros_left and (micros_left <= 0 or limits[10] == 'none') then return account_waits(5000, 'money-per-day') end
  if (minutes_left and minutes_left < minutes) or (micros_left and micros_left < micros) then return held(30000, 'call-exceeds-budget') end
  if campaign ~= '' then
    local campaign_minutes, campaign_micros = tonumber(terms[5]), tonumber(terms[6])
    local minutes_then = of_campaign.minutes + of_campaign.minutes_held + minutes
    if campaign_minutes and minutes_then > campaign_minutes then return held(30000, 'campaign-budget') end
    local micros_then = of_campaign.micros + of_campaign.micros_held + micros
    if campaign_micros and micros_then > campaign_micros then return held(30000, 'campaign-budget') end
    local campaign_most = tonumber(terms[3])
    if campaign_most and of_campaign.places >= campaign_most then return held(2000, 'campaign-max-concurrent') end
  end
  if most and redis.call('ZCARD', INFLIGHT) >= most then
    -- A place may become free at any time; not later than when the soonest runs out.
    local soonest = redis.call('ZRANGE', INFLIGHT, 0, 0, 'WITHSCORES')
    return account_waits(math.min(math.max((soonest[2] or now) - now, 100), 1000), 'max-concurrent')
  end
  if ARGV[14] == '1' and seat == '' then return account_waits(500, 'no-gateway-seat') end
end

-- Virtual scheduling (GCRA without a burst): a turn is one interval after the last one. Given a little ahead, so that whoever asks late
-- loses no turn. A last turn that lies further ahead is from before a change of the limits, or of the clock.
local function turn_after(last, rate)
  if not rate then return now_us end
  return math.max(now_us, math.min(last, now_us + ahead_us) + math.ceil(1000000 / rate))
end
local function wait_ms(turn_us) return math.max(10, (turn_us - now_us - ahead_us / 2) / 1000) end

local account_us = turn_after(of_account.turn_us, per_second)
if account_us - now_us > ahead_us then return account_waits(wait_ms(account_us), 'calls-per-second') end
local campaign_us = turn_after(of_campaign.turn_us, tonumber(terms[4]))
if campaign_us - now_us > ahead_us then return { 'held', now + math.ceil(wait_ms(campaign_us)), 'campaign-calls-per-second' } end

-- The from-number whose turn comes first; of these the least busy; of these the one that rested longest.
local best
for i = FIRST_FROM, LAST_FROM do
  local from, busy, last = ARGV[i], parse_from_meter(texts[i - FIRST_FROM + 4])
  local isCandidate = place and place.from == from or not place and (not most_of_from or busy < most_of_from)
  if isCandidate then
    local turn_us = math.max(account_us, campaign_us, turn_after(last, from_per_second))
    local isBetter = not best or turn_us < best.turn_us
      or turn_us == best.turn_us and (busy < best.busy or busy == best.busy and last < best.last)
    if isBetter then best = { from = from, turn_us = turn_us, busy = busy, last = last } end
  end
end
if not best or best.turn_us - now_us > ahead_us then
  local ms = best and wait_ms(best.turn_us) or own_choice and 2000 or 500
  if own_choice then return { 'held', now + math.ceil(ms), 'from-numbers-busy' } end
  return account_waits(ms, 'from-numbers-busy')
end

local tried_at = place and place.tried_at or most_tries and int(now) or ''
local granted = place or {
  number = number, campaign = campaign, minutes = minutes, price = price, tried_at = tried_at, from = best.from, gateway = '',
}
granted.turn_us = best.turn_us
of_account.turn_us = best.turn_us
if not place then count_place(of_account, granted, 1, 0) end
local of_from = from_meter_text(best.busy + (place and 0 or 1), best.turn_us)
if campaign == '' then
  redis.call('HSET', METERS, 'day', today, 'a', meter_text(of_account), 'f:' .. best.from, of_from)
else
  of_campaign.turn_us = best.turn_us
  if not place then count_place(of_campaign, granted, 1, 0) end
  redis.call('HSET', METERS, 'day', today, 'a', meter_text(of_account), 'f:' .. best.from, of_from, 'c:' .. campaign, meter_text(of_campaign))
end
if not place and most_tries then
  tries[#tries + 1] = tried_at
  redis.call('HSET', TRIES, number, table.concat(tries, ','))
  redis.call('ZADD', TRIED, tried_at, number)
  for _, old in ipairs(redis.call('ZRANGEBYSCORE', TRIED, '-inf', int(now - DAY_MS), 'LIMIT', 0, 10)) do
    redis.call('HDEL', TRIES, old)
    redis.call('ZREM', TRIED, old)
  end
end
return granted_as(granted)
