-- Takes new messages, which no consumer has been given. Up to five hundred at a time are checked whether they have to wait.
local function read_one(place, to)
  local reply = redis.call('XREADGROUP', 'GROUP', group, to, 'COUNT', '1', 'STREAMS', place.key, '>')
  return reply and reply[1][2][1]
end
local function fresh_in_order(place, last)
  local looked = 0
  while true do
    local page = redis.pcall('XRANGE', place.key, '(' .. last, '+', 'COUNT', '20')
    if is_error(page) or #page == 0 then return end
    for _, entry in ipairs(page) do
      local id, mark = entry[1], mark_of(field, entry[2])
      if room_for_new() <= 0 then more = true return end
      if looked == 500 then goes_on = true return end
      local waits = mark and waits_for_another(place, mark, id)
      if waits and place.behind >= 10000 then more, is_full = true, true return end
      if mark then tidy(place) end
      if waits then
        note_waiting(place, mark, id)
        read_one(place, turn)
        redis.call('XCLAIM', place.key, group, turn, '0', id, 'RETRYCOUNT', '0', 'JUSTID')
        place.behind = place.behind + 1
      else
        if mark then redis.call('ZADD', place.serial, '0', member(place, mark, id)) end
        hand_out(place, read_one(place, consumer) or entry, '1', '')
        free = free - 1
      end
      last, looked = id, looked + 1
    end
  end
end
local function fresh(place)
  if not takes_new then return end
  local last = '0-0'
  for _, info in ipairs(groups_at(place.key)) do
    if info['name'] == group then last = info['last-delivered-id'] end
  end
  if field then return fresh_in_order(place, last) end
  if room_for_new() > 0 then
    local reply = redis.call('XREADGROUP', 'GROUP', group, consumer, 'COUNT', room_for_new(), 'STREAMS', place.key, '>')
    for _, entry in ipairs(reply and reply[1][2] or {}) do
      hand_out(place, entry, '1', '')
      free, last = free - 1, entry[1]
    end
  end
  if room_for_new() <= 0 then
    local rest = redis.pcall('XRANGE', place.key, '(' .. last, '+', 'COUNT', '1')
    more = more or (not is_error(rest) and #rest > 0)
  end
end

local function from(place)
  local appended, more_due = take_due(place.key, place.due, place.delayed)
  goes_on = goes_on or (appended > 0 and more_due)
  local first_due = redis.call('ZRANGE', place.due, '0', '0')[1]
  if first_due then note_next(math.max(tonumber(string.sub(first_due, 1, 16)) - now, 1)) end
  local paused_until = tonumber(redis.call('HGET', place.pause, group) or nil)
  if paused_until and (paused_until == 0 or paused_until > now) then
    if paused_until > 0 then note_next(paused_until - now) end
    place.paused = true
    return
  end
  left_behind(place)
  if new_first then fresh(place) end
  in_turn(place)
  given_back(place)
  if not new_first then fresh(place) end
end

for i = 0, #places - 1 do from(places[(begin + i) % #places + 1]) end
for _, place in ipairs(places) do
  for owner in pairs(place.left) do leave_if_empty(place.key, group, owner) end
end
if interval and (#messages > 0 or begins) then
  next_us = next_us + interval * #messages
  redis.call('HSET', pace, group, whole(next_us))
end
-- If nothing was given out, finds when the next waiting message is due, since the caller then waits.
for _, place in ipairs(#messages == 0 and not goes_on and places or {}) do
  for _, owner in ipairs(place.owners) do
    local wait = wait_of(owner[1])
    if wait and not place.paused and not waits_in_turn(owner[1]) and tonumber(owner[2]) <= 1000 then
      for _, row in ipairs(redis.call('XPENDING', place.key, group, '-', '+', '1000', owner[1])) do
        more = true
        note_next(wait - row[3])
      end
    end
  end
end
local watch = is_full and 1 or 2
if most_held and free <= 0 then watch = 1 end
if more and paced(1) == 0 then
  -- No message may be taken before that moment, whatever happens.
  next_ms, watch = math.ceil(math.max(next_us - slack - now_us, 0) / 1000), 0
end
local reply = {more and 1 or 0, next_ms and math.ceil(next_ms) or -1, goes_on and 1 or 0, watch}
local function last_of(key)
  local last = redis.call('XREVRANGE', key, '+', '-', 'COUNT', '1')[1]
  return last and last[1] or '0-0'
end
for _, place in ipairs(places) do
  for _, part in ipairs({last_of(place.key), last_of(place.bell), last_of(place.outcome), place.mark, place.from}) do reply[#reply + 1] = part end
end
for _, message in ipairs(messages) do
  for _, part in ipairs(message) do reply[#reply + 1] = part end
end
return reply
