-- What the scripts of admission share; each stands behind this text. All that is decided for one carrier account lies in one slot.
-- KEYS    1 limits · 2 in flight (zset: place by expiry, ms) · 3 places (hash) · 4 meters (hash) · 5 tries (hash: number → moments, ms)
--         6 tried (zset: number by its last try) · 7 do-not-call (hash: number → since when) · 8 campaigns (hash: id → terms)
--         9 why the account waits
-- A place is named `callId:attempt` and kept as `from|number|campaign|minutes at most|price of one|turn µs|counted as a try at ms|last asked
-- for at µs|gateway`, without the last two if an earlier release wrote it; the field `#number` beside it is the fence: the places under which
-- that number is being called, commas between (more than one only after Redis lost some). Numbers are hashes: no telephone number stands here.
-- A meter is `places|last turn µs|minutes held|micros held|minutes spent|micros spent` of the account (`a`, what it spent is of the `day`) or
-- of a campaign (`c:<campaign>`, of all its life); that of a from-number (`f:<from>`) is `places|last turn µs`, that of a gateway
-- (`g:<gateway>`, gone at 0) its places.
local LIMITS, INFLIGHT, PLACES, METERS = KEYS[1], KEYS[2], KEYS[3], KEYS[4]
local TRIES, TRIED, DO_NOT_CALL, CAMPAIGNS, WAIT = KEYS[5], KEYS[6], KEYS[7], KEYS[8], KEYS[9]
local DAY_MS = 86400000
local time = redis.call('TIME')
local now_us = time[1] * 1000000 + time[2]
local now = math.floor(now_us / 1000)

local function int(number) return string.format('%.0f', number) end
local today = int(math.floor(now / DAY_MS))

local function parse_place(text)
  if not text then return nil end
  local from, number, campaign, minutes, price, turn_us, tried_at, asked_us, gateway =
    string.match(text, '^([^|]*)|([^|]*)|([^|]*)|(%d+)|(%d+)|(%d+)|(%d*)|?(%d*)|?([^|]*)$')
  return {
    from = from, number = number, campaign = campaign, minutes = tonumber(minutes), price = tonumber(price),
    turn_us = tonumber(turn_us), tried_at = tried_at, asked_us = tonumber(asked_us) or 0, gateway = gateway,
  }
end

local function has_word(list, word) return string.find(',' .. list .. ',', ',' .. word .. ',', 1, true) ~= nil end

-- Whoever asked last holds it: that moment is its name for those who give it back undialed.
local function write_place(name, p, expires_at)
  local fence = redis.call('HGET', PLACES, '#' .. p.number) or ''
  if not has_word(fence, name) then fence = fence == '' and name or fence .. ',' .. name end
  p.asked_us = now_us
  redis.call('ZADD', INFLIGHT, 'GT', int(expires_at), name)
  redis.call('HSET', PLACES, '#' .. p.number, fence, name, string.format('%s|%s|%s|%d|%.0f|%.0f|%s|%.0f|%s',
    p.from, p.number, p.campaign, p.minutes, p.price, p.turn_us, p.tried_at, p.asked_us, p.gateway))
end

local function count_seat(gateway, sign)
  if gateway == '' then return end
  local field = 'g:' .. gateway
  if redis.call('HINCRBY', METERS, field, sign) <= 0 then redis.call('HDEL', METERS, field) end
end

local function parse_meter(text)
  if not text then return { places = 0, turn_us = 0, minutes_held = 0, micros_held = 0, minutes = 0, micros = 0 } end
  local places, turn_us, minutes_held, micros_held, minutes, micros = string.match(text, '^(%d+)|(%d+)|(%d+)|(%d+)|(%d+)|(%d+)$')
  return {
    places = tonumber(places), turn_us = tonumber(turn_us), minutes_held = tonumber(minutes_held),
    micros_held = tonumber(micros_held), minutes = tonumber(minutes), micros = tonumber(micros),
  }
end

local function parse_account_meter(text, day)
  local meter = parse_meter(text)
  if day ~= today then
    meter.minutes = 0
    meter.micros = 0
  end
  return meter
end

local function meter_text(m)
  return string.format('%d|%.0f|%d|%.0f|%d|%.0f', m.places, m.turn_us, m.minutes_held, m.micros_held, m.minutes, m.micros)
end

-- What a place holds is added (sign 1) or taken back (-1); `used` minutes are spent.
local function count_place(meter, p, sign, used)
  meter.places = math.max(0, meter.places + sign)
  meter.minutes_held = math.max(0, meter.minutes_held + sign * p.minutes)
  meter.micros_held = math.max(0, meter.micros_held + sign * p.minutes * p.price)
  meter.minutes = meter.minutes + used
  meter.micros = meter.micros + used * p.price
end

local function parse_from_meter(text)
  if not text then return 0, 0 end
  local places, turn_us = string.match(text, '^(%d+)|(%d+)$')
  return tonumber(places), tonumber(turn_us)
end

local function from_meter_text(places, turn_us) return string.format('%d|%.0f', places, turn_us) end

local function count_place_everywhere(p, sign, used)
  count_seat(p.gateway, sign)
  local of_from, of_campaign = 'f:' .. p.from, 'c:' .. p.campaign
  local texts = redis.call('HMGET', METERS, 'day', 'a', of_from, of_campaign)
  local account = parse_account_meter(texts[2], texts[1])
  count_place(account, p, sign, used)
  local places, turn_us = parse_from_meter(texts[3])
  local from_text = from_meter_text(math.max(0, places + sign), turn_us)
  if p.campaign == '' then
    redis.call('HSET', METERS, 'day', today, 'a', meter_text(account), of_from, from_text)
  else
    local campaign = parse_meter(texts[4])
    count_place(campaign, p, sign, used)
    redis.call('HSET', METERS, 'day', today, 'a', meter_text(account), of_from, from_text, of_campaign, meter_text(campaign))
  end
end

-- The moments within the last 24 hours at which a number was tried, oldest first.
local function tries_of(number)
  local moments = {}
  for moment in string.gmatch(redis.call('HGET', TRIES, number) or '', '%d+') do
    if tonumber(moment) > now - DAY_MS then moments[#moments + 1] = moment end
  end
  return moments
end

local function forget_try(number, tried_at)
  local kept, isGone = {}, false
  for _, moment in ipairs(tries_of(number)) do
    if not isGone and moment == tried_at then isGone = true else kept[#kept + 1] = moment end
  end
  if #kept > 0 then
    redis.call('HSET', TRIES, number, table.concat(kept, ','))
  else
    redis.call('HDEL', TRIES, number)
    redis.call('ZREM', TRIED, number)
  end
end

-- used: billed minutes; nil if nothing was dialed.
local function give_back(name, p, used)
  redis.call('ZREM', INFLIGHT, name)
  local others = {}
  for other in string.gmatch(redis.call('HGET', PLACES, '#' .. p.number) or '', '[^,]+') do
    if other ~= name then others[#others + 1] = other end
  end
  redis.call('HDEL', PLACES, name, '#' .. p.number)
  if #others > 0 then redis.call('HSET', PLACES, '#' .. p.number, table.concat(others, ',')) end
  count_place_everywhere(p, -1, used or 0)
  if not used and p.tried_at ~= '' then forget_try(p.number, p.tried_at) end
end

-- Nobody said what became of these: they count in full.
local function give_back_expired()
  for _, name in ipairs(redis.call('ZRANGEBYSCORE', INFLIGHT, '-inf', int(now), 'LIMIT', 0, 50)) do
    local p = parse_place(redis.call('HGET', PLACES, name))
    if p then give_back(name, p, p.minutes) else redis.call('ZREM', INFLIGHT, name) end
  end
end

-- Millionths a minute: of this country, or of all others (nil: nobody knows the country).
local function price_of(prices, country)
  local all = ',' .. prices
  local its_own = country and string.match(all, ',' .. country .. '=(%d+)')
  return tonumber(its_own or string.match(all, ',%*=(%d+)')) or 0
end
