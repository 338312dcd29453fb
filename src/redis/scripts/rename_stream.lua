-- rename_stream: RENAME of the stream and of the keys beside it.
local function rename_stream(c)
  local reply = redis.pcall('RENAME', c[1], c[2])
  if is_error(reply) or c[1] == c[2] then return reply end
  redis.call('DEL', c[3])
  for i = 5, #c, 2 do
    if redis.call('EXISTS', c[i]) == 1 then redis.call('RENAME', c[i], c[i + 1]) else redis.call('DEL', c[i + 1]) end
  end
  -- Readers that wait on the new name look when its next message is due.
  -- The ID counts microseconds, like all IDs of a bell.
  local time = redis.call('TIME')
  local rung = redis.pcall('XADD', c[4], 'MAXLEN', '1', time[1] .. string.format('%06d', tonumber(time[2])) .. '-1', 'renamed', '')
  if is_error(rung) then redis.call('XADD', c[4], 'MAXLEN', '1', '*', 'renamed', '') end
  return reply
end
