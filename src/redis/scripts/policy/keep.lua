-- A standing policy: a hash beside the stream, with those of maxlen, maxage (in milliseconds) and acked that the user has
-- set. ARGV: the action, and its arguments.
local stream, keep = KEYS[1], KEYS[2]
local wrong = check_kinds('a policy')
if wrong then return wrong end
local time = redis.call('TIME')
local now = tonumber(time[1]) * 1000 + math.floor(tonumber(time[2]) / 1000)
local function policy()
  local values = redis.call('HMGET', keep, 'maxlen', 'maxage', 'acked')
  local maxage = tonumber(values[2] or nil)
  return {maxlen = tonumber(values[1] or nil), acked = values[3] == '1',
          minid = maxage and string.format('%.0f-0', math.max(now - maxage, 0))}
end
local function next_of(id)
  local found = redis.call('XRANGE', stream, '(' .. id, '+', 'COUNT', '1')
  return #found > 0 and found[1][1] or nil
end
-- Returns whether all groups are done with the entry, and whether they can be done with no later entry.
local function is_done(groups, id)
  for _, group in ipairs(groups) do
    if is_before(group['last-delivered-id'], id) then return false, true end
  end
  for _, group in ipairs(groups) do
    if is_pending(stream, group, id) then return false, false end
  end
  return true, false
end

local actions = {}

-- The reply: 0 if there is no group; else 1 plus the number of entries, among the first ten thousand, that the policy removes
-- although some group is not done with them.
function actions.set()
  redis.call('DEL', keep)
  for i, name in ipairs({'maxlen', 'maxage', 'acked'}) do
    if ARGV[i + 1] ~= '' then redis.call('HSET', keep, name, ARGV[i + 1]) end
  end
  local groups, told = groups_at(stream), policy()
  if #groups == 0 then return 0 end
  if told.acked then return 1 end
  local surplus = told.maxlen and redis.call('XLEN', stream) - told.maxlen or 0
  local unfinished = 0
  for i, entry in ipairs(redis.call('XRANGE', stream, '-', '+', 'COUNT', '10000')) do
    if i > surplus and not (told.minid and is_before(entry[1], told.minid)) then break end
    if not is_done(groups, entry[1]) then unfinished = unfinished + 1 end
  end
  return unfinished + 1
end

function actions.get()
  local values = redis.call('HMGET', keep, 'maxlen', 'maxage', 'acked')
  return {values[1] or '', values[2] or '', values[3] or ''}
end

-- ARGV: how many entries may be looked at, and where to begin; then '', or if nothing is to be removed, how many entries the
-- calls before would have removed. The reply: how many entries are removed, and where to go on, or ''.
function actions.apply()
  local told, gone, before = policy(), 0, tonumber(ARGV[4])
  if not (told.acked or before) then
    local function trim(by, threshold)
      local reply = redis.call('XTRIM', stream, by, threshold)
      gone = gone + reply
    end
    if told.maxlen then trim('MAXLEN', string.format('%.0f', told.maxlen)) end
    if told.minid then trim('MINID', told.minid) end
    return {gone, ''}
  end
  local groups = groups_at(stream)
  local surplus = 0
  if told.maxlen then
    surplus = redis.call('XLEN', stream) - told.maxlen - (before or 0)
  elseif not told.minid then
    if not told.acked or #groups == 0 then return {0, ''} end
    surplus = math.huge
  end
  local from, left, goes_on, over = ARGV[3], tonumber(ARGV[2]), '', false
  local first_kept, last_gone
  while not over do
    local page = redis.call('XRANGE', stream, from, '+', 'COUNT', '500')
    over = #page < 500
    for _, entry in ipairs(page) do
      local id = entry[1]
      from = '(' .. id
      local done, ends = false, surplus <= 0 and not (told.minid and is_before(id, told.minid))
      if not ends then
        if told.acked then done, ends = is_done(groups, id) else done = true end
      end
      if done then
        gone, surplus = gone + 1, surplus - 1
        -- XTRIM removes the entries before the first that stays: then the server still knows the lag of the groups.
        if before then  -- it stays
        elseif first_kept or ARGV[3] ~= '-' then redis.call('XDEL', stream, id) else last_gone = id end
      else
        first_kept = first_kept or id
      end
      left = left - 1
      if ends then over = true break end
    end
    if not over and left <= 0 then over, goes_on = true, from end
  end
  if last_gone then
    first_kept = first_kept or next_of(last_gone)
    if first_kept then redis.call('XTRIM', stream, 'MINID', first_kept) else redis.call('XTRIM', stream, 'MAXLEN', '0') end
  end
  return {gone, goes_on}
end

if redis.call('EXISTS', stream) == 0 then
  -- A client that deleted the stream without weir has left its policy, which must not hold for a new stream of this name.
  redis.pcall('DEL', keep)
  return {err = 'ERR no such key'}
end
return actions[ARGV[1]]()
