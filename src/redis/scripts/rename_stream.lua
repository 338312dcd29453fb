-- rename_stream: RENAME, with what is kept beside the stream.
local function rename_stream(c)
  local reply = redis.pcall('RENAME', c[1], c[2])
  if is_error(reply) or c[1] == c[2] then return reply end
  redis.call('DEL', c[3])
  for i = 5, #c, 2 do
    if redis.call('EXISTS', c[i]) == 1 then redis.call('RENAME', c[i], c[i + 1]) else redis.call('DEL', c[i + 1]) end
  end
  -- Those who wait on the stream that has got the name look when its next message is due.
  -- The ID counts microseconds, as all of a bell do.
  local time = redis.call('TIME')
  local rung = redis.pcall('XADD', c[4], 'MAXLEN', '1', time[1] .. string.format('%06d', tonumber(time[2])) .. '-1', 'renamed', '')
  if is_error(rung) then redis.call('XADD', c[4], 'MAXLEN', '1', '*', 'renamed', '') end
  return reply
end
