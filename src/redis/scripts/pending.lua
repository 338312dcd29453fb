-- Which consumer holds an entry, and which entries nobody holds.
local function held(key, group, id, owner)
  local reply
  if owner then
    reply = redis.pcall('XPENDING', key, group, id, id, '1', owner)
  else
    reply = redis.pcall('XPENDING', key, group, id, id, '1')
  end
  return not is_error(reply) and #reply > 0
end
-- For a consumer that stands for nobody (see retry_consumer.h): the idle time at which its entries are due. Else nil.
local function wait_of(consumer)
  if consumer == 'weir.retry' then return 300000 end
  return tonumber(string.match(consumer, '^weir%.retry/(%d+)$') or string.match(consumer, '^weir%.retry/(%d+)/%d+$'))
end
local function due_of_nobody(key, group, id, owners)
  local reply = redis.pcall('XPENDING', key, group, id, id, '1')
  if is_error(reply) or #reply == 0 then return false end
  local wait = wait_of(reply[1][2])
  if wait == nil or reply[1][3] < wait then return false end
  owners[reply[1][2]] = true
  return true
end
local function pending_of_nobody(c)
  local summary = redis.pcall('XPENDING', c[1], c[2])
  if is_error(summary) then return summary end
  local found = {}
  for _, consumer in ipairs(summary[4] or {}) do
    local wait = wait_of(consumer[1])
    if wait then
      -- Entries that wait for other entries are never due, so any of them will do.
      local most = wait >= 2 ^ 63 and c[3] or '9223372036854775807'
      for _, entry in ipairs(redis.call('XPENDING', c[1], c[2], '-', '+', most, consumer[1])) do
        found[#found + 1] = {wait - entry[3], entry}
      end
    end
  end
  table.sort(found, function(a, b) return a[1] < b[1] end)
  local entries = {}
  for i = 1, math.min(#found, tonumber(c[3])) do entries[i] = found[i][2] end
  return entries
end
