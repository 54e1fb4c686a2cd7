-- Takes contacts that wait: they are active from now on, and `feeding` until their calls are there.
-- KEYS    1 counts · 2 blocks · 3 waiting (of these zones) · 4 left · 5 marks · 6 open · 7 feeding · 8 def
-- ARGV    1 zones · 2 how many at most
-- result  for each batch: { block:first:last, the stored block, its marks }
local zones, most = ARGV[1], tonumber(ARGV[2])
local MARK = 12
local taken = {}
if redis.call('HGET', KEYS[8], 'st') ~= 'running' then return taken end

local count = 0
while count < most do
  local batch = redis.call('LINDEX', KEYS[3], 0)
  if not batch then break end
  local block, first, last = string.match(batch, '^(%d+):(%d+):(%d+)$')
  first, last = tonumber(first), tonumber(last)
  if last - first + 1 > most - count then
    local mine = first + most - count - 1
    redis.call('LSET', KEYS[3], 0, block .. ':' .. mine + 1 .. ':' .. last)
    last = mine
  else
    redis.call('LPOP', KEYS[3])
  end
  local marks = redis.call('HGET', KEYS[5], block) or ''
  if #marks < (last + 1) * MARK then marks = marks .. string.rep('\0', (last + 1) * MARK - #marks) end
  local parts = { string.sub(marks, 1, first * MARK) }
  for i = first, last do
    local mark = string.sub(marks, i * MARK + 1, (i + 1) * MARK)
    parts[#parts + 1] = '\1\0\0' .. string.sub(mark, 4, 4) .. '\0\0\0\0\0\0\0\0'
  end
  parts[#parts + 1] = string.sub(marks, (last + 1) * MARK + 1)
  marks = table.concat(parts)
  redis.call('HSET', KEYS[5], block, marks)
  local number = last - first + 1
  redis.call('HINCRBY', KEYS[6], block, number)
  batch = block .. ':' .. first .. ':' .. last
  redis.call('HSET', KEYS[7], batch, 1)
  taken[#taken + 1] = { batch, redis.call('HGET', KEYS[2], block), marks }
  count = count + number
end

if count > 0 then
  redis.call('HINCRBY', KEYS[1], 'pending', -count)
  redis.call('HINCRBY', KEYS[1], 'active', count)
  if redis.call('HINCRBY', KEYS[4], zones, -count) <= 0 then redis.call('HDEL', KEYS[4], zones) end
end
return taken
