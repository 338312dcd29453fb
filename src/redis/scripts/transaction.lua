-- Runs all commands in the given mode (ScriptMode in script.h).
local replies = {}
local function refused(i, refusal)
  replies = {1}
  for k = 1, i - 1 do replies[k + 1] = false end
  replies[i + 1] = refusal
  return replies
end
local function first_with(key)
  for i, c in ipairs(list) do
    for _, word in ipairs(c) do
      if word == key then return i end
    end
  end
end
local saved = {}
if mode == 'checked' then
  for _, key in ipairs(KEYS) do
    local kind = redis.call('TYPE', key).ok
    if kind ~= 'none' and kind ~= 'stream' then
      return refused(first_with(key), {err = 'WRONGTYPE Operation against a key holding the wrong kind of value'})
    end
  end
  for i, c in ipairs(list) do
    local refusal = would_refuse(c)
    if refusal then return refused(i, refusal) end
  end
elseif mode == 'restore' then
  for i, key in ipairs(KEYS) do
    saved[i] = {redis.call('DUMP', key), redis.call('PTTL', key)}
    -- Tries whether this user may run the command that undoing needs. Neither trial changes anything.
    local trial = saved[i][1] and redis.pcall('RESTORE', key, '0', '') or redis.pcall('DEL', key)
    if is_error(trial) and not string.find(trial.err, 'BUSYKEY') and not string.find(trial.err, 'payload') then
      return refused(1, trial)
    end
  end
end
for i, c in ipairs(list) do
  replies[i] = run(c)
  if mode == 'stop' and is_error(replies[i]) then return replies end
  if mode == 'restore' and is_error(replies[i]) and not (c.kind == 'b' and string.find(replies[i].err, '^BUSYGROUP')) then
    for k, key in ipairs(KEYS) do
      if saved[k][1] then
        redis.call('RESTORE', key, math.max(saved[k][2], 0), saved[k][1], 'REPLACE')
      else
        redis.call('DEL', key)
      end
    end
    return refused(i, replies[i])
  end
end
if mode == 'checked' or mode == 'restore' then table.insert(replies, 1, 0) end
return replies
