-- Messages of which one at a time is taken for each value of a field. `serial`, a sorted set beside the stream, all of score
-- 0, has three kinds of members. i: the group, the hash of field and value, and the ID of each message that was given out or
-- waits. w: the group, and the hash of a value of which messages wait. f: the group, and the hash of a field by which all
-- pending messages were indexed. A message that waits for another is pending, held by a consumer that stands for nobody and
-- whose wait has no end. The set does not note that a message is done: a message that is no longer pending is done, whichever
-- client acknowledged it. So nobody has to unlock anything, and an outdated member is removed when it is met.
local turn = 'weir.retry/9223372036854775807'
local function waits_in_turn(owner) return string.sub(owner, 1, #turn) == turn end
local function laters_of(owner) return string.match(owner, '^weir%.retry/%d+/(%d+)$') or '0' end
local function netstring(text) return #text .. ':' .. text .. ',' end
local function padded_id(id)
  local ms, seq = string.match(id, '^(%d+)-(%d+)$')
  return string.rep('0', 20 - #ms) .. ms .. '-' .. string.rep('0', 20 - #seq) .. seq
end
local function id_of(digits)
  local ms, seq = string.match(digits, '^0*(%d+)-0*(%d+)$')
  return ms .. '-' .. seq
end
local function mark_of(field, fields)
  for i = #fields - 1, 1, -2 do
    if fields[i] == field then return redis.sha1hex(field .. '=' .. fields[i + 1]) end
  end
  return nil
end
local function member(place, mark, id) return 'i' .. place.prefix .. mark .. padded_id(id) end
local function members(place, mark, offset, count)
  local from = 'i' .. place.prefix .. mark
  return redis.call('ZRANGEBYLEX', place.serial, '[' .. from, '(' .. from .. ':', 'LIMIT', offset, count)
end
local function pending_row(place, id) return redis.call('XPENDING', place.key, place.group, id, id, '1')[1] end
-- If the message waits for a time, and is no longer in the stream, drops it, as a claim would do at that time, and returns
-- true.
local function drop_gone(place, id, row)
  if not wait_of(row[2]) or waits_in_turn(row[2]) or #redis.call('XRANGE', place.key, id, id) > 0 then return false end
  redis.call('XACK', place.key, place.group, id)
  place.left[row[2]] = true
  return true
end
-- The first pending message of a value: its ID, and its row of the pending list.
local function head(place, mark)
  while true do
    local first = members(place, mark, '0', '1')[1]
    if not first then return nil end
    local id = id_of(string.sub(first, -41))
    local row = pending_row(place, id)
    if row and not drop_gone(place, id, row) then return id, row end
    redis.call('ZREM', place.serial, first)
  end
end
local function waits_for_another(place, mark, id)
  local first = head(place, mark)
  return first and is_before(first, id)
end
local function note_waiting(place, mark, id)
  redis.call('ZADD', place.serial, '0', member(place, mark, id), '0', 'w' .. place.prefix .. mark)
end
local function note_if_none_wait(place, mark)
  if #members(place, mark, '1', '1') == 0 then redis.call('ZREM', place.serial, 'w' .. place.prefix .. mark) end
end
-- Called for each new member: looks at two other members, so that members of done messages do not pile up.
local function tidy(place)
  local some = redis.pcall('ZRANDMEMBER', place.serial, '2')
  for _, other in ipairs(is_error(some) and {} or some) do
    local size = tonumber(string.match(other, '^.(%d+):'))
    local colon = string.find(other, ':', 1, true)
    local group = size and string.sub(other, colon + 1, colon + size)
    local rows = {}
    if group and string.sub(other, 1, 1) == 'i' then
      local id = id_of(string.sub(other, -41))
      rows = redis.pcall('XPENDING', place.key, group, id, id, '1')
    elseif group and not is_error(redis.pcall('XPENDING', place.key, group)) then
      rows = {other}
    end
    if is_error(rows) or #rows == 0 then redis.call('ZREM', place.serial, other) end
  end
end
local function count_of(number) return number >= 2 ^ 63 and '9223372036854775807' or string.format('%.0f', number) end
-- Indexes messages that were pending before anybody took messages by this field: they were given to others, copied here, or
-- wait by another field; or the set is new because a client removed it. A message that waits for another goes on waiting if
-- it has the field.
local function index(place)
  local of_group = 'f' .. place.prefix
  local of_field = of_group .. redis.sha1hex(place.field)
  if redis.call('ZSCORE', place.serial, of_field) then return false end
  local is_new = #redis.call('ZRANGEBYLEX', place.serial, '[' .. of_group, '(' .. of_group .. 'g', 'LIMIT', '0', '1') == 0
  local from, free = '-', {}
  repeat
    local page = redis.call('XPENDING', place.key, place.group, from, '+', '1000')
    for _, row in ipairs(page) do
      local entry = redis.call('XRANGE', place.key, row[1], row[1])[1]
      local mark = entry and mark_of(place.field, entry[2])
      if mark and waits_in_turn(row[2]) then
        note_waiting(place, mark, row[1])
      elseif mark then
        redis.call('ZADD', place.serial, '0', member(place, mark, row[1]))
      elseif waits_in_turn(row[2]) and is_new then
        free[#free + 1] = row
      end
      from = '(' .. row[1]
    end
  until #page < 1000
  local owners = {}
  for _, row in ipairs(free) do
    local laters = laters_of(row[2])
    redis.call('XCLAIM', place.key, place.group, laters == '0' and 'weir.retry/0' or 'weir.retry/0/' .. laters, '0', row[1],
               'RETRYCOUNT', count_of(row[4]), 'JUSTID')
    owners[row[2]] = true
  end
  for owner in pairs(owners) do leave_if_empty(place.key, place.group, owner) end
  redis.call('ZADD', place.serial, '0', of_field)
  return true
end
