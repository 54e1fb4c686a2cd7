-- Moves one contact, and the counts with it. Goes forward only, so that repeating it, or being late with it, changes nothing.
-- KEYS    1 counts · 2 marks · 3 open · 4 codes · 5 series
-- ARGV    1 block · 2 index · 3 round · 4 how far it is now (contact-mark.ts) · 5 how it is over · 6 reason, '' = none · 7 attempts
--         8 was answered · 9 ended at, s · 10 duration, s · 11 '1' = by a fault
-- result  1 if it was moved
local MARK, OVER = 12, 255
local block, index = ARGV[1], tonumber(ARGV[2])
local to, kind, reason, attempts = tonumber(ARGV[4]), tonumber(ARGV[5]), ARGV[6], tonumber(ARGV[7])
local isAnswered, ended, seconds = tonumber(ARGV[8]), tonumber(ARGV[9]), tonumber(ARGV[10])

local marks = redis.call('HGET', KEYS[2], block)
if not marks or #marks < (index + 1) * MARK then return 0 end
local from, _, _, round = string.byte(marks, index * MARK + 1, index * MARK + 4)
if round ~= tonumber(ARGV[3]) or from == 0 or to <= from then return 0 end

local function code_of(text)
  if text == '' then return 0 end
  local code = redis.call('HGET', KEYS[4], text)
  if code then return tonumber(code) end
  code = math.min(redis.call('HLEN', KEYS[4]) + 1, 255)
  redis.call('HSET', KEYS[4], text, code)
  return code
end

local mark = struct.pack('>BBBBBBI4I2', to, kind, code_of(reason), round, math.min(attempts, 255), isAnswered, ended, seconds)
redis.call('HSET', KEYS[2], block, string.sub(marks, 1, index * MARK) .. mark .. string.sub(marks, (index + 1) * MARK + 1))

local function state_of(order, how, why)
  if order == OVER then
    if how == 1 then return 'done' end
    return how == 3 and 'canceled' or 'skipped:' .. why
  end
  return order % 2 == 1 and 'active' or 'scheduled'
end
local old, new = state_of(from), state_of(to, kind, reason)
if old ~= new then
  redis.call('HINCRBY', KEYS[1], old, -1)
  redis.call('HINCRBY', KEYS[1], new, 1)
end

-- In an attempt that is not over, `attempts` says which one it is.
local made = (to == OVER and attempts or math.floor(to / 2)) - math.floor(from / 2)
if made > 0 then redis.call('HINCRBY', KEYS[1], 'attempts', made) end
if to ~= OVER then return 1 end

if redis.call('HINCRBY', KEYS[3], block, -1) <= 0 then redis.call('HDEL', KEYS[3], block) end
if kind == 1 then redis.call('HINCRBY', KEYS[1], 'cause:' .. reason, 1) end
if isAnswered == 1 then
  redis.call('HINCRBY', KEYS[1], 'answered', 1)
  redis.call('HINCRBY', KEYS[1], 'seconds', seconds)
end

local time = redis.call('TIME')
local minute = math.floor(time[1] / 60)
local slot = minute % 1440
local then_, ended_, answered_, errors_ = string.match(redis.call('HGET', KEYS[5], slot) or '', '^(%d+)|(%d+)|(%d+)|(%d+)$')
if tonumber(then_) ~= minute then ended_, answered_, errors_ = 0, 0, 0 end
redis.call('HSET', KEYS[5], slot, string.format('%d|%d|%d|%d', minute, ended_ + 1, answered_ + isAnswered, errors_ + ARGV[11]))
return 1
