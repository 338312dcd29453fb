-- Commands that a paused group refuses: what they would give is nothing, but for what the consumer has already.
local function unpaused_read(c)
  local first, words, keys, ids = 5, {}, {}, {}
  while c[first] ~= 'STREAMS' do first = first + 1 end
  local streams = (#c - first) / 2
  for i = 1, streams do
    if c.pauses[i] == '' or not pause_left(c.pauses[i], c.group) then
      keys[#keys + 1], ids[#ids + 1] = c[first + i], c[first + streams + i]
    end
  end
  if #keys == 0 then
    -- Without a group it is refused, paused or not.
    local check = redis.pcall('XPENDING', c[first + 1], c.group)
    return is_error(check) and redis.pcall(unpack(c)) or false
  end
  for i = 1, first do words[i] = c[i] end
  for _, key in ipairs(keys) do words[#words + 1] = key end
  for _, id in ipairs(ids) do words[#words + 1] = id end
  return redis.pcall(unpack(words))
end
local function guarded(c)
  if c.kind == 'r' then return true, unpaused_read(c) end
  if not pause_left(c.pauses[1], c.group) then return false end
  if c.kind == 'k' then
    local n = tonumber(c[5])
    if c[3] == 'o' and c[4] == c[6 + n] then return false end
    local check = redis.pcall('XPENDING', c[1], c[2])
    return true, is_error(check) and check or {}
  end
  local check = redis.pcall('XPENDING', c[2], c[3])
  if is_error(check) then return true, check end
  if c[1] == 'XAUTOCLAIM' then return true, {'0-0', {}, {}} end
  local words, at = {'XCLAIM', c[2], c[3], c[4], c[5]}, 6
  while at <= #c and string.find(c[at], '^%d+%-%d+$') do
    if held(c[2], c[3], c[at], c[4]) then words[#words + 1] = c[at] end
    at = at + 1
  end
  if #words == 5 then words[6] = '0-0' end
  for i = at, #c do words[#words + 1] = c[i] end
  return true, redis.pcall(unpack(words))
end
