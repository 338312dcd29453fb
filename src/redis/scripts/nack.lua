-- nack: gives entries back to the group. They are then held by a consumer that stands for nobody.
local function count_after(blame, count)
  if blame == 'FATAL' or count >= 2 ^ 63 then return '9223372036854775807' end
  if blame == 'SILENT' then count = math.max(count - 1, 0) end
  return string.format('%.0f', count)
end
local function not_there(c)
  if not string.find(c[7], 't', 1, true) then return nil end
  for i = 9, #c do
    local entry = redis.pcall('XRANGE', c[1], c[i], c[i], 'COUNT', '1')
    if is_error(entry) then return entry end
    if #entry == 0 then return {err = 'NOENTRY ' .. c[i] .. " is not in '" .. c[1] .. "'"} end
  end
  return nil
end
local function undelivered(key, group, id)
  for _, info in ipairs(groups_at(key)) do
    if info['name'] == group then return is_before(info['last-delivered-id'], id) end
  end
  return false
end
local function nack(c)
  local check = redis.pcall('XPENDING', c[1], c[2])
  if is_error(check) then return check end
  local refusal = not_there(c)
  if refusal then return refusal end
  local only_there = string.find(c[7], 't', 1, true)
  local force, owned = string.find(c[7], 'f', 1, true), string.find(c[7], 'o', 1, true)
  local done = 0
  for i = 9, #c do
    local held = redis.pcall('XPENDING', c[1], c[2], c[i], c[i], '1')
    if is_error(held) then return held end
    local words
    if only_there and (#held > 0 or undelivered(c[1], c[2], c[i])) then
      done = done + 1
    elseif #held > 0 and (not owned or held[1][2] == c[8]) then
      words = {'XCLAIM', c[1], c[2], c[3], '0', c[i], 'IDLE', c[4], 'RETRYCOUNT',
               c[6] ~= '' and c[6] or count_after(c[5], held[1][4]), 'JUSTID'}
    elseif #held == 0 and force and not owned then
      words = {'XCLAIM', c[1], c[2], c[3], '0', c[i], 'IDLE', c[4], 'RETRYCOUNT',
               c[6] ~= '' and c[6] or count_after(c[5], 0), 'FORCE', 'JUSTID'}
    end
    if words then
      local reply = redis.pcall(unpack(words))
      if is_error(reply) then return reply end
      done = done + #reply
    end
  end
  return done
end
