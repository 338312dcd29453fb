-- claim: XCLAIM of entries that one consumer holds, or of due entries that nobody holds.
local function leave_if_empty(key, group, consumer)
  local holds = redis.pcall('XPENDING', key, group, '-', '+', '1', consumer)
  if not is_error(holds) and #holds == 0 then redis.pcall('XGROUP', 'DELCONSUMER', key, group, consumer) end
end
local function claim(c)
  local check = redis.pcall('XPENDING', c[1], c[2])
  if is_error(check) then return check end
  local n, ids, claimed, owners = tonumber(c[5]), {}, {}, {}
  for i = 6, 5 + n do
    local takes
    if c[3] == 'n' then takes = due_of_nobody(c[1], c[2], c[i], owners) else takes = held(c[1], c[2], c[i], c[4]) end
    if takes then ids[#ids + 1] = c[i] end
  end
  if #ids == 0 then ids[1] = '0-0' end
  for first = 1, #ids, 1000 do
    local words = {'XCLAIM', c[1], c[2], c[6 + n], c[7 + n]}
    for i = first, math.min(first + 999, #ids) do words[#words + 1] = ids[i] end
    for i = 8 + n, #c do words[#words + 1] = c[i] end
    local reply = redis.pcall(unpack(words))
    if is_error(reply) then return reply end
    for _, entry in ipairs(reply) do claimed[#claimed + 1] = entry end
  end
  for consumer in pairs(owners) do leave_if_empty(c[1], c[2], consumer) end
  return claimed
end
