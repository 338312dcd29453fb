-- Runs a command that gives messages. In a paused group it gives nothing, except entries that the consumer already holds.
local function guarded(c)
  if c.kind == 'r' then return true, unpaused_read(c) end
  if not pause_left(c.pauses[1], c.group) then
    if c.kind == 'k' or not anything_waits(c[2], c[3]) then return false end
    return true, c[1] == 'XAUTOCLAIM' and autoclaim(c) or claim_each(c)
  end
  if c.kind == 'k' then
    local n = tonumber(c[5])
    if c[3] == 'o' and c[4] == c[6 + n] then return false end
    local check = redis.pcall('XPENDING', c[1], c[2])
    return true, says_not_there(check) and check or {}
  end
  local check = redis.pcall('XPENDING', c[2], c[3])
  if says_not_there(check) then return true, check end
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
