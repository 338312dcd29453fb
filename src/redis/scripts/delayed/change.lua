-- Changes delayed messages, after appending those that are due. ARGV: the action, and its arguments.
local stream, due, delayed, bell = KEYS[1], KEYS[2], KEYS[3], KEYS[4]
local kinds = {'stream', 'zset', 'hash', 'stream'}
for i = 1, #KEYS do
  local kind, expected = redis.call('TYPE', KEYS[i]).ok, kinds[(i - 1) % 4 + 1]
  if kind ~= 'none' and kind ~= expected then
    if i % 4 == 1 then return {err = 'WRONGTYPE Operation against a key holding the wrong kind of value'} end
    return {err = 'WRONGTYPE ' .. KEYS[i] .. ', where weir keeps delayed messages, holds something else'}
  end
end
local first = {}
for i = 1, #KEYS, 4 do
  take_due(KEYS[i], KEYS[i + 1], KEYS[i + 2])
  first[i] = redis.call('ZRANGE', KEYS[i + 1], '0', '0')[1]
end
-- Tells processes that wait for the first message that there is an earlier one now. The ID counts microseconds, so that a
-- bell that was deleted does not get an ID again that a reader already knows.
local function ring(i)
  local now_first = redis.call('ZRANGE', KEYS[i + 1], '0', '0')[1]
  if now_first and (not first[i] or now_first < first[i]) then
    local rung = redis.pcall('XADD', KEYS[i + 3], 'MAXLEN', '1', whole(now_us) .. '-1', 'first', now_first)
    if is_error(rung) then redis.call('XADD', KEYS[i + 3], 'MAXLEN', '1', '*', 'first', now_first) end
  end
end
local function put(i, handle, packed)
  redis.call('ZADD', KEYS[i + 1], '0', handle)
  redis.call('HSET', KEYS[i + 2], handle, packed)
  local _, unique = xadd_of('', packed)
  if unique then redis.call('HSET', unique_beside(KEYS[i + 1]), unique, '@' .. handle) end
end

local actions = {}

-- ARGV: in|at, milliseconds; then for each stream whether it is to be made, the number of messages, and the messages. The
-- reply: for each stream the time at which they are due, and the number of the first; '' and '' if there is no stream.
function actions.delay()
  local reply, at = {}, 4
  local moment = ARGV[2] == 'in' and math.min(now + tonumber(ARGV[3]), 9007199254740991) or tonumber(ARGV[3])
  for i = 1, #KEYS, 4 do
    local makes, count = ARGV[at] == '1', tonumber(ARGV[at + 1])
    local there = redis.call('EXISTS', KEYS[i]) == 1
    if not there and makes then
      -- Only making a group makes an empty stream.
      local made = redis.pcall('XGROUP', 'CREATE', KEYS[i], 'weir-delay', '$', 'MKSTREAM')
      if is_error(made) then return made end
      redis.call('XGROUP', 'DESTROY', KEYS[i], 'weir-delay')
      there = true
    end
    if there then
      local number = redis.call('HINCRBY', KEYS[i + 2], 'last', count) - count
      reply[#reply + 1] = whole(moment)
      reply[#reply + 1] = whole(number + 1)
      for n = 1, count do put(i, padded(whole(moment)) .. '-' .. padded(whole(number + n)), ARGV[at + 1 + n]) end
      ring(i)
    else
      reply[#reply + 1] = ''
      reply[#reply + 1] = ''
    end
    at = at + 2 + count
  end
  return reply
end

-- ARGV: the handle after which to begin, the number of messages. The reply: the time, 1 if there may be more, then handles
-- and messages.
function actions.list()
  local handles = redis.call('ZRANGEBYLEX', due, ARGV[2] == '' and '-' or '(' .. ARGV[2], '+', 'LIMIT', '0', ARGV[3])
  local reply, bytes = {whole(now), 0}, 0
  for _, handle in ipairs(handles) do
    if bytes > 16000000 then reply[2] = 1 break end
    local packed = redis.call('HGET', delayed, handle) or ''
    reply[#reply + 1] = handle
    reply[#reply + 1] = packed
    bytes = bytes + #packed
  end
  return reply
end

-- ARGV: handles. The reply: how many messages were cancelled.
function actions.cancel()
  local taken = 0
  for i = 2, #ARGV do
    if redis.call('ZREM', due, ARGV[i]) == 1 then
      redis.call('HDEL', delayed, ARGV[i])
      taken = taken + 1
    end
  end
  return taken
end

-- ARGV: handles. The reply: how many messages were appended.
function actions.now()
  local taken = 0
  form = nil
  for i = 2, #ARGV do
    local packed = redis.call('ZSCORE', due, ARGV[i]) and redis.call('HGET', delayed, ARGV[i])
    local reply = packed and append(stream, packed, due)
    if is_error(reply) then return taken > 0 and taken or reply end
    if reply then
      redis.call('ZREM', due, ARGV[i])
      redis.call('HDEL', delayed, ARGV[i])
      taken = taken + 1
    end
  end
  return taken
end

-- ARGV: handles, each with its message. The reply: how many messages were new here.
function actions.take()
  if redis.call('EXISTS', stream) == 0 then return {err = 'ERR no such key'} end
  local taken, last = 0, tonumber(redis.call('HGET', delayed, 'last') or '0')
  for i = 2, #ARGV, 2 do
    if not redis.call('ZSCORE', due, ARGV[i]) then
      put(1, ARGV[i], ARGV[i + 1])
      taken = taken + 1
    end
    last = math.max(last, tonumber(string.sub(ARGV[i], 18)))
  end
  redis.call('HSET', delayed, 'last', whole(last))
  ring(1)
  return taken
end

return actions[ARGV[1]]()
