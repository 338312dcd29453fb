-- Runs XREADGROUP on those of its streams on which the group is not paused.
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
    -- If the group does not exist, the read is refused, paused or not.
    local check = redis.pcall('XPENDING', c[first + 1], c.group)
    return says_not_there(check) and redis.pcall(unpack(c)) or false
  end
  for i = 1, first do words[i] = c[i] end
  for _, key in ipairs(keys) do words[#words + 1] = key end
  for _, id in ipairs(ids) do words[#words + 1] = id end
  return redis.pcall(unpack(words))
end
