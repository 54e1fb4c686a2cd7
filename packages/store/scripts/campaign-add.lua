-- Adds a block of contacts of the same time zones, without those that were added before.
-- KEYS    1 counts · 2 blocks · 3 seen · 4 waiting (of these zones) · 5 left · 6 recent
-- ARGV    1 zones, '' = unknown · 2 packed contacts · 3 the block's token · 4… 8 bytes for each contact
-- result  positions (from 0) of those that are left out
-- What was seen lies in buckets of a few hundred contacts. Their number grows in levels with the campaign, and an older contact stays in
-- the level that was the last one when it came; so all levels are looked at.
local LEVELS = { { 250, 1 }, { 16000, 64 }, { 1500000, 4096 }, { math.huge, 262144 } }
local zones, packed, token, FIRST = ARGV[1], ARGV[2], ARGV[3], 4
local RECENT = 100

-- Sent once more after its answer was lost: what it was answered then.
for _, known in ipairs(redis.call('LRANGE', KEYS[6], 0, -1)) do
  if string.sub(known, 1, #token + 1) == token .. '|' then
    local before = {}
    for position in string.gmatch(string.sub(known, #token + 1), '%d+') do before[#before + 1] = tonumber(position) end
    return before
  end
end
local function remember(out)
  redis.call('LPUSH', KEYS[6], token .. '|' .. table.concat(out, ','))
  redis.call('LTRIM', KEYS[6], 0, RECENT - 1)
end

local contacts = tonumber(redis.call('HGET', KEYS[1], 'contacts') or 0)
local top = 1
while contacts >= LEVELS[top][1] do top = top + 1 end

local fields, places = {}, {}
for i = FIRST, #ARGV do
  local a, b, c = string.byte(ARGV[i], 1, 3)
  local number = a + b * 256 + c * 65536
  for level = 1, top do
    local field = level .. ':' .. number % LEVELS[level][2]
    if not places[field] then
      fields[#fields + 1] = field
      places[field] = #fields
    end
  end
end
local buckets = redis.call('HMGET', KEYS[3], unpack(fields))

local function holds(bucket, id)
  if not bucket then return false end
  local from = 1
  while true do
    local at = string.find(bucket, id, from, true)
    if not at then return false end
    if at % 8 == 1 then return true end
    from = at + 1
  end
end

local out, changed = {}, {}
for i = FIRST, #ARGV do
  local id = ARGV[i]
  local a, b, c = string.byte(id, 1, 3)
  local number = a + b * 256 + c * 65536
  local isSeen, place = false, nil
  for level = 1, top do
    place = places[level .. ':' .. number % LEVELS[level][2]]
    isSeen = isSeen or holds(buckets[place], id)
  end
  if isSeen then
    out[#out + 1] = i - FIRST
  else
    buckets[place] = (buckets[place] or '') .. id
    changed[place] = true
  end
end

local added = #ARGV - FIRST + 1 - #out
remember(out)
if added == 0 then return out end
local write = {}
for place in pairs(changed) do
  write[#write + 1] = fields[place]
  write[#write + 1] = buckets[place]
end
redis.call('HSET', KEYS[3], unpack(write))

local block = redis.call('HINCRBY', KEYS[1], 'blocks', 1) - 1
redis.call('HSET', KEYS[2], block, zones .. '\n' .. table.concat(out, ',') .. '\n' .. packed)
redis.call('HINCRBY', KEYS[1], 'contacts', added)
if zones == '' then
  redis.call('HINCRBY', KEYS[1], 'skipped:time-zone-unknown', added)
  return out
end
redis.call('HINCRBY', KEYS[1], 'pending', added)
redis.call('HINCRBY', KEYS[5], zones, added)
local first = 0
out[#out + 1] = #ARGV - FIRST + 1
for _, gap in ipairs(out) do
  if gap > first then redis.call('RPUSH', KEYS[4], block .. ':' .. first .. ':' .. gap - 1) end
  first = gap + 1
end
out[#out] = nil
return out
