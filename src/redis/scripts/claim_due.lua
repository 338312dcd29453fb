-- XCLAIM and XAUTOCLAIM for a group with messages that wait for their next delivery. A waiting message is not claimed until
-- it is due, which no server checks; a due message is claimed, however short its idle time.
local function anything_waits(key, group)
  local summary = redis.pcall('XPENDING', key, group)
  for _, owner in ipairs(not is_error(summary) and summary[4] or {}) do
    if wait_of(owner[1]) then return true end
  end
  return false
end
local function claim_one(c, id, options_at, owners)
  local row = redis.call('XPENDING', c[2], c[3], id, id, '1')[1]
  local wait = row and wait_of(row[2])
  if wait and row[3] < wait then return {} end
  local words = {'XCLAIM', c[2], c[3], c[4], wait and '0' or c[5], id}
  for i = options_at, #c do words[#words + 1] = c[i] end
  if wait then owners[row[2]] = true end
  return redis.pcall(unpack(words))
end
local function claim_each(c)
  local options_at, owners, claimed = 6, {}, {}
  while c[options_at] and string.find(c[options_at], '^%d+%-%d+$') do options_at = options_at + 1 end
  for i = 6, options_at - 1 do
    local reply = claim_one(c, c[i], options_at, owners)
    if is_error(reply) then return reply end
    for _, entry in ipairs(reply) do claimed[#claimed + 1] = entry end
  end
  for owner in pairs(owners) do leave_if_empty(c[2], c[3], owner) end
  return claimed
end
local function autoclaim(c)
  local key, group, min_idle, left, just_id = c[2], c[3], tonumber(c[5]), 100, false
  local at = 7
  while c[at] do
    if c[at] == 'COUNT' then
      left = tonumber(c[at + 1])
      at = at + 1
    else
      just_id = true
    end
    at = at + 1
  end
  -- The server's own XAUTOCLAIM looks at the same number of entries.
  local most, looked, from = math.min(left * 10, 2 ^ 53), 0, c[6]
  local cursor, claimed, gone, owners = nil, {}, {}, {}
  local function take(row)
    local wait = wait_of(row[2])
    if row[3] >= (wait or min_idle) or (not wait and #redis.call('XRANGE', key, row[1], row[1]) == 0) then
      local words = {'XCLAIM', key, group, c[4], '0', row[1]}
      if just_id then words[7] = 'JUSTID' end
      local entry = redis.call(unpack(words))[1]
      if entry then
        claimed[#claimed + 1] = entry
      else
        redis.call('XACK', key, group, row[1])
        gone[#gone + 1] = row[1]
      end
      if wait then owners[row[2]] = true end
      left = left - 1
    end
  end
  repeat
    local rows = redis.pcall('XPENDING', key, group, from, '+', '1000')
    if is_error(rows) then return rows end
    for _, row in ipairs(rows) do
      if left == 0 or looked == most then
        cursor = row[1]
        break
      end
      take(row)
      looked, from = looked + 1, '(' .. row[1]
    end
  until cursor or #rows < 1000
  for owner in pairs(owners) do leave_if_empty(key, group, owner) end
  return {cursor or '0-0', claimed, gone}
end
