-- Pausing groups. KEYS has three for each stream: the stream, `pause`, and its bell. ARGV: the action, the group, and what else it takes.
local group = ARGV[2]
for i = 1, #KEYS do
  local kind, expected = redis.call('TYPE', KEYS[i]).ok, i % 3 == 2 and 'hash' or 'stream'
  if kind ~= 'none' and kind ~= expected then
    return {err = 'WRONGTYPE ' .. (i % 3 == 1 and 'Operation against a key holding the wrong kind of value'
                                             or KEYS[i] .. ', where weir keeps pauses, holds something else')}
  end
end
local stream, pause, bell = KEYS[1], KEYS[2], KEYS[3]
local time = redis.call('TIME')
local function ring()
  -- The ID counts microseconds, as all of a bell do.
  local rung = redis.pcall('XADD', bell, 'MAXLEN', '1', time[1] .. string.format('%06d', tonumber(time[2])) .. '-1', 'pause', '')
  if is_error(rung) then redis.call('XADD', bell, 'MAXLEN', '1', '*', 'pause', '') end
end
local function last_of(key)
  local last = redis.call('XREVRANGE', key, '+', '-', 'COUNT', '1')[1]
  return last and last[1] or '0-0'
end
local actions = {}

-- ARGV: for how many milliseconds; '': until it is resumed.
function actions.set()
  local until_ms = '0'
  if ARGV[3] ~= '' then
    local now = tonumber(time[1]) * 1000 + math.floor(tonumber(time[2]) / 1000)
    until_ms = string.format('%.0f', math.min(now + tonumber(ARGV[3]), 9007199254740991))
  end
  redis.call('HSET', pause, group, until_ms)
  ring()
  return 1
end
function actions.clear()
  if redis.call('HDEL', pause, group) == 1 then ring() end
  return 1
end
-- For each stream how long it still is paused, 0: until it is resumed, -1: it is not; the last IDs of the stream and of its bell.
function actions.look()
  local reply = {}
  for i = 1, #KEYS, 3 do
    reply[#reply + 1] = pause_left(KEYS[i + 1], group) or -1
    reply[#reply + 1] = last_of(KEYS[i])
    reply[#reply + 1] = last_of(KEYS[i + 2])
  end
  return reply
end
-- What a consumer was just given goes back, as if it had never been. ARGV: the consumer, 1 if it was not to be acknowledged, then IDs, each with
-- its deliveries before.
function actions.unread()
  local consumer, ids, were_new = ARGV[3], {}, true
  for i = 5, #ARGV, 2 do
    ids[#ids + 1] = ARGV[i]
    were_new = were_new and ARGV[i + 1] == '0'
  end
  local last = ids[#ids]
  for _, info in ipairs(groups_at(stream)) do
    if info['name'] == group and were_new and info['last-delivered-id'] == last then
      local before = redis.call('XREVRANGE', stream, '(' .. ids[1], '-', 'COUNT', '1')[1]
      local words = {'XGROUP', 'SETID', stream, group, before and before[1] or '0-0'}
      if type(info['entries-read']) == 'number' then
        words[6], words[7] = 'ENTRIESREAD', math.max(info['entries-read'] - #ids, 0)
      end
      for _, id in ipairs(ids) do redis.call('XACK', stream, group, id) end
      redis.call(unpack(words))
      return 1
    end
  end
  -- Another was given something after it: nobody holds these, then.
  for i = 5, #ARGV, 2 do
    local row = redis.call('XPENDING', stream, group, ARGV[i], ARGV[i], '1')[1]
    if ARGV[4] == '1' or (row and row[2] == consumer) then
      redis.call('XCLAIM', stream, group, 'weir.retry/0', '0', ARGV[i], 'RETRYCOUNT', ARGV[i + 1], 'FORCE', 'JUSTID')
    end
  end
  return 0
end

local check = redis.pcall('XPENDING', stream, group)
if is_error(check) then return check end
return actions[ARGV[1]]()
