-- Takes up again the contacts of one block that are done for one of these causes: a new round, in which they wait as before.
-- KEYS    1 counts · 2 marks · 3 codes · 4 waiting (of the block's zones) · 5 left
-- ARGV    1 block · 2 its zones · 3… causes
-- result  how many
local MARK, OVER, DONE = 12, 255, 1
local block, zones = ARGV[1], ARGV[2]
local marks = redis.call('HGET', KEYS[2], block)
if not marks then return 0 end
local wanted = {}
for i = 3, #ARGV do
  local code = redis.call('HGET', KEYS[3], ARGV[i])
  if code then wanted[tonumber(code)] = ARGV[i] end
end

-- Byte 1 of such a mark: closings of the campaign that were before, and do not concern it.
local _, closings = string.gsub(redis.call('HGET', KEYS[1], 'closed') or '', ':', '')
local parts, count, first = {}, 0, nil
local last = #marks / MARK
for i = 0, last do
  local order, kind, code, round = string.byte(marks, i * MARK + 1, i * MARK + 4)
  local isAgain = order == OVER and kind == DONE and wanted[code] and round < 255
  if isAgain then
    count = count + 1
    first = first or i
    redis.call('HINCRBY', KEYS[1], 'cause:' .. wanted[code], -1)
    parts[#parts + 1] = string.char(0, closings, 0, round + 1) .. string.rep('\0', MARK - 4)
  else
    if first then redis.call('RPUSH', KEYS[4], block .. ':' .. first .. ':' .. i - 1) end
    first = nil
    parts[#parts + 1] = string.sub(marks, i * MARK + 1, (i + 1) * MARK)
  end
end
if count == 0 then return 0 end
redis.call('HSET', KEYS[2], block, table.concat(parts))
redis.call('HINCRBY', KEYS[1], 'done', -count)
redis.call('HINCRBY', KEYS[1], 'pending', count)
redis.call('HINCRBY', KEYS[5], zones, count)
return count
