-- Runs one command, and tells beforehand whether it would be refused.
local function run(c)
  if c.pauses then
    local is_done, reply = guarded(c)
    if is_done then return reply end
  end
  if c.kind == 'a' then return acknowledge(c) end
  if c.kind == 'k' then return claim(c) end
  if c.kind == 'd' then return delete_consumer(c) end
  if c.kind == 'n' then return nack(c) end
  if c.kind == 'p' then return pending_of_nobody(c) end
  if c.kind == 'e' then return delex(c) end
  if c.kind == 'l' then return ackdel(c) end
  if c.kind == 'v' then return rename_stream(c) end
  return redis.pcall(unpack(c))
end
local function groups_of(c)
  if c.kind == 'g' then return c[3], {c[2]} end
  if c.kind == 'k' or c.kind == 'd' or c.kind == 'n' or c.kind == 'p' then return c[2], {c[1]} end
  if c.kind ~= 'r' then return nil, {} end
  local keys, first = {}, 5
  while c[first] ~= 'STREAMS' do first = first + 1 end
  for i = first + 1, first + (#c - first) / 2 do keys[#keys + 1] = c[i] end
  return c[3], keys
end
local full = '18446744073709551615-18446744073709551615'
local function would_refuse(c)
  if c.kind == 'a' then
    local trial = redis.pcall('XACK', c[1], c[2], '0-0')
    return is_error(trial) and trial or lacking(c)
  end
  if c[1] == 'XDEL' then
    local trial = redis.pcall('XDEL', c[2], '0-0')
    if is_error(trial) then return trial end
  end
  if c.kind == 'n' then
    local refusal = not_there(c)
    if refusal then return refusal end
  end
  local group, keys = groups_of(c)
  for _, key in ipairs(keys) do
    if is_error(redis.pcall('XPENDING', key, group)) then return run(c) end
  end
  -- Tries with an ID that no entry can have whether the server would take the entry at all (access rules, memory).
  if c.kind == 'x' then
    local trial = redis.pcall('XADD', c[2], '0-0', 'f', 'v')
    if is_error(trial) and not string.find(trial.err, 'greater than 0-0', 1, true) then return trial end
    local info = redis.pcall('XINFO', 'STREAM', c[2])
    if not is_error(info) then
      for i = 1, #info, 2 do
        if info[i] == 'last-generated-id' and info[i + 1] == full then return run(c) end
      end
    end
  end
  return nil
end
