-- Paused groups: `pause`, a hash beside the stream, from each group to the end of its pause, in milliseconds, or 0: until it
-- is resumed. If this user may not read the hash, or the key holds something else, no group counts as paused.
local function pause_left(pause, group)
  local told = redis.pcall('HGET', pause, group)
  local until_ms = not is_error(told) and told and tonumber(told)
  if not until_ms then return nil end
  if until_ms == 0 then return 0 end
  local time = redis.call('TIME')
  local left = until_ms - (tonumber(time[1]) * 1000 + math.floor(tonumber(time[2]) / 1000))
  return left > 0 and left or nil
end
