-- Delayed messages of a stream. KEYS has four keys for each stream: the stream; `due`, a sorted set of handles, all of score
-- 0, so that the set is ordered by the handles' bytes (DUE-NUMBER, 16 digits each); `delayed`, a hash from handle to message,
-- in which `last` is the last number given to a message; `bell`, a stream that gets an entry when an earlier message becomes
-- the first of `due`.
-- A message is packed as netstrings, as 2:to,3:ann, and so on. If their number is odd, the first is the message's key (see
-- unique.h); then `unique`, a hash from each key to the last ID or @handle under it, is told where the message went.
local time = redis.call('TIME')
local now_us = tonumber(time[1]) * 1000000 + tonumber(time[2])
local now = math.floor(now_us / 1000)
local function whole(number) return string.format('%.0f', number) end
local function padded(digits) return string.rep('0', 16 - #digits) .. digits end
local function xadd_of(key, packed)
  local words, at = {'XADD', key, ''}, 1
  while at <= #packed do
    local colon = string.find(packed, ':', at, true)
    local size = colon and tonumber(string.sub(packed, at, colon - 1))
    if not size then return nil end
    words[#words + 1] = string.sub(packed, colon + 1, colon + size)
    at = colon + size + 2
  end
  return words, #words % 2 == 0 and table.remove(words, 4) or nil
end
local function unique_beside(due) return (string.gsub(due, '^weir:due:', 'weir:unique:')) end
-- Appends a message. Its ID has the time at which the message was found to be due, since a server may use another time for
-- `*`. If the stream's last ID is later, or the server is older than 7.0, the ID is `*`.
local form
local function append(key, packed, due)
  local words, unique = xadd_of(key, packed)
  if not words then return nil end
  words[3] = form or whole(now) .. '-*'
  local reply = redis.pcall(unpack(words))
  if is_error(reply) and not form then
    words[3] = '*'
    reply = redis.pcall(unpack(words))
    if not is_error(reply) then form = '*' end
  end
  if unique and not is_error(reply) then redis.pcall('HSET', unique_beside(due), unique, reply) end
  return reply
end
-- Appends due messages, but not all if there are many, since other clients wait for the server meanwhile. Returns how many
-- were appended, whether there may be more, and the refusal that ended the work.
local function take_due(key, due, delayed)
  local appended, bytes = 0, 0
  form = nil
  while appended < 1000 and bytes < 4000000 do
    local handles = redis.call('ZRANGEBYLEX', due, '-', '(' .. padded(whole(now + 1)), 'LIMIT', '0', '100')
    if #handles == 0 then return appended, false, nil end
    for _, handle in ipairs(handles) do
      local packed = redis.call('HGET', delayed, handle)
      if packed then
        local reply = append(key, packed, due)
        if is_error(reply) then return appended, false, reply end
        redis.call('HDEL', delayed, handle)
        appended, bytes = appended + 1, bytes + #packed
      end
      redis.call('ZREM', due, handle)
      if bytes >= 4000000 then break end
    end
  end
  return appended, true, nil
end
