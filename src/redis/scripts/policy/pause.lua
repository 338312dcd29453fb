-- Pauses and resumes groups. KEYS has three keys for each stream: the stream, `pause`, and its bell. ARGV: the action, the
-- group, and further arguments.
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
  -- The ID counts microseconds, like all IDs of a bell.
  local rung = redis.pcall('XADD', bell, 'MAXLEN', '1', time[1] .. string.format('%06d', tonumber(time[2])) .. '-1', 'pause', '')
  if is_error(rung) then redis.call('XADD', bell, 'MAXLEN', '1', '*', 'pause', '') end
end
local function last_of(key)
  local last = redis.call('XREVRANGE', key, '+', '-', 'COUNT', '1')[1]
  return last and last[1] or '0-0'
end
local actions = {}

-- ARGV: the length of the pause in milliseconds; '': until the group is resumed.
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
  redis.call('HDEL', pause, group)
  ring()
  return 1
end
-- The reply: for each stream how long the group is still paused (0: until it is resumed, -1: it is not paused), and the last
-- IDs of the stream and of its bell.
function actions.look()
  local reply = {}
  for i = 1, #KEYS, 3 do
    local left = pause_left(KEYS[i + 1], group)
    if not left then redis.pcall('HDEL', KEYS[i + 1], group) end
    reply[#reply + 1] = left or -1
    reply[#reply + 1] = last_of(KEYS[i])
    reply[#reply + 1] = last_of(KEYS[i + 2])
  end
  return reply
end
-- Gives back messages that a consumer has just been given, if the group is still paused. Then nobody holds them, their
-- delivery counts are as before, and the new ones at the end count as not delivered to the group. ARGV: the consumer, 1 if
-- it reads with NOACK, then IDs, each with its earlier deliveries. The reply: 1 if the messages went back.
local nobody = 'weir.retry/0'
local function row_of(id) return redis.call('XPENDING', stream, group, id, id, '1')[1] end
local function is_new_again(row) return row and row[2] == nobody and row[4] == 0 end
local function group_now()
  for _, info in ipairs(groups_at(stream)) do
    if info['name'] == group then return info['last-delivered-id'], info['entries-read'] end
  end
end
local function set_back()
  local last, read = group_now()
  local was, count = last, 0
  while last and is_new_again(row_of(last)) do
    local before = redis.call('XREVRANGE', stream, '(' .. last, '-', 'COUNT', '1')[1]
    redis.call('XACK', stream, group, last)
    last, count = before and before[1] or '0-0', count + 1
  end
  if last == was then return end
  local words = {'XGROUP', 'SETID', stream, group, last}
  if type(read) == 'number' then words[6], words[7] = 'ENTRIESREAD', math.max(read - count, 0) end
  redis.call(unpack(words))
end
function actions.unread()
  if not pause_left(pause, group) then return 0 end
  local consumer, unheld = ARGV[3], ARGV[4] == '1'
  for i = 5, #ARGV, 2 do
    local row = row_of(ARGV[i])
    if row and row[2] == consumer then
      redis.call('XCLAIM', stream, group, nobody, '0', ARGV[i], 'RETRYCOUNT', ARGV[i + 1], 'JUSTID')
    elseif unheld and not row then
      redis.call('XCLAIM', stream, group, nobody, '0', ARGV[i], 'RETRYCOUNT', ARGV[i + 1], 'FORCE', 'JUSTID')
    end
  end
  set_back()
  leave_if_empty(stream, group, nobody)
  return 1
end

local check = redis.pcall('XPENDING', stream, group)
if says_not_there(check) then return check end
return actions[ARGV[1]]()
