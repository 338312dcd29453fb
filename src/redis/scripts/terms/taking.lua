-- Takes messages under terms: see ../../../stream/rationing.h. KEYS has seven keys for each stream: the stream; `due`,
-- `delayed` and `bell` of its delayed messages; `serial`; `outcome`, a stream that gets an entry when a message taken under
-- terms is settled; `pause`, a hash from each group to the end of its pause, in milliseconds, or 0. The last key is `pace` of
-- the first stream: a hash from each group to the moment, in microseconds, for which its next message is meant.
-- ARGV, each '' if not given:
--   the group, the consumer, the microseconds from one message to the next, how many messages may be held,
--   s and the field for `serial`, how many messages are wanted, the stream to begin with, 1: new messages first,
--   after how many milliseconds a held message is left behind, the milliseconds within which a message must have been
--   delivered to us, without being among our IDs, to count as never received, 1: new messages too;
--   then for each stream where to go on among values and among IDs, the number of IDs that we hold, and these IDs.
local kinds = {'stream', 'zset', 'hash', 'stream', 'zset', 'stream', 'hash'}
for i = 1, #KEYS do
  local kind, expected = redis.call('TYPE', KEYS[i]).ok, i == #KEYS and 'hash' or kinds[(i - 1) % 7 + 1]
  if kind ~= 'none' and kind ~= expected then
    if i % 7 == 1 and i < #KEYS then return {err = 'WRONGTYPE Operation against a key holding the wrong kind of value'} end
    return {err = 'WRONGTYPE ' .. KEYS[i] .. ', where weir keeps what it knows of groups, holds something else'}
  end
end
local group, consumer, interval, most_held = ARGV[1], ARGV[2], tonumber(ARGV[3]), tonumber(ARGV[4])
local field = ARGV[5] ~= '' and string.sub(ARGV[5], 2) or nil
local want, begin, new_first, idle, strays, takes_new =
  tonumber(ARGV[6]), tonumber(ARGV[7]), ARGV[8] == '1', ARGV[9], tonumber(ARGV[10]), ARGV[11] == '1'
local pace = KEYS[#KEYS]

local places, held, at = {}, 0, 12
for i = 1, #KEYS - 1, 7 do
  local place = {key = KEYS[i], due = KEYS[i + 1], delayed = KEYS[i + 2], bell = KEYS[i + 3], serial = KEYS[i + 4],
                 outcome = KEYS[i + 5], pause = KEYS[i + 6], group = group, field = field, prefix = netstring(group), index = #places,
                 mark = ARGV[at], from = ARGV[at + 1], ours = {}, left = {}, ours_count = tonumber(ARGV[at + 2]), behind = 0, held = 0}
  for n = 1, place.ours_count do place.ours[ARGV[at + 2 + n]] = true end
  at = at + 3 + place.ours_count
  local summary = redis.pcall('XPENDING', place.key, group)
  if is_error(summary) then
    return {err = "NOGROUP No such key '" .. place.key .. "' or consumer group '" .. group .. "' in XREADGROUP with GROUP option"}
  end
  if field and index(place) then summary = redis.call('XPENDING', place.key, group) end
  place.owners = summary[4] or {}
  for _, owner in ipairs(place.owners) do
    if not wait_of(owner[1]) then
      place.held = place.held + tonumber(owner[2])
    elseif waits_in_turn(owner[1]) then
      place.behind = place.behind + tonumber(owner[2])
    end
  end
  held = held + place.held
  places[#places + 1] = place
end

-- The pace. After a late message the next ones may come sooner, to make up for it, but for no more than the slack. If the
-- stored moment is later than this pace allows, it comes from a slower pace, or from a clock that was set back. The first
-- message waits a little, too.
local slack, begins, next_us = 100000, false, now_us
if interval then
  local stored = tonumber(redis.call('HGET', pace, group) or nil)
  begins = not stored or stored > now_us + slack + interval
  next_us = begins and now_us + slack + math.min(interval, slack) or math.max(stored, now_us)
end
local function paced(count)
  if not interval then return count end
  local ahead = next_us - now_us
  return ahead > slack and 0 or math.min(count, math.floor((slack - ahead) / interval) + 1)
end

local messages, more, goes_on, next_ms, is_full = {}, false, false, nil, false
local room, free = paced(want), most_held and math.max(most_held - held, 0) or math.huge
local function room_left() return room - #messages end
local function room_for_new() return math.min(room_left(), free) end
local function note_next(ms) next_ms = math.min(next_ms or math.huge, math.max(ms, 0)) end
local function hand_out(place, entry, deliveries, owner)
  messages[#messages + 1] = {place.index, entry, deliveries, laters_of(owner), wait_of(owner) and '' or owner}
end

-- Gives a pending message to the consumer. False: its entry is gone.
local function give(place, row, is_first)
  local owner = row[2]
  local count = count_of(is_first and math.max(row[4], 1) or row[4] + 1)
  local entry = redis.call('XCLAIM', place.key, group, consumer, '0', row[1], 'RETRYCOUNT', count)[1]
  if wait_of(owner) then place.left[owner] = true end
  if not entry then
    redis.call('XACK', place.key, group, row[1])
    return false
  end
  hand_out(place, entry, count, owner)
  return true
end
local function park(place, row, mark)
  local laters = laters_of(row[2])
  redis.call('XCLAIM', place.key, group, laters == '0' and turn or turn .. '/' .. laters, '0', row[1], 'RETRYCOUNT', count_of(row[4]), 'JUSTID')
  note_waiting(place, mark, row[1])
  place.behind = place.behind + 1
  place.left[row[2]] = true
end

-- Whether somebody holds a later message of the value: it was given out before this one was pending again, or before messages
-- were taken by this field. Looks among the later messages of the value, or among those that are held, whichever are fewer.
local function later_one_runs(place, mark, id)
  local from, to = '(' .. member(place, mark, id), '(i' .. place.prefix .. mark .. ':'
  local later = redis.call('ZLEXCOUNT', place.serial, from, to)
  if later <= place.held then
    for _, other in ipairs(redis.call('ZRANGEBYLEX', place.serial, from, to)) do
      local row = pending_row(place, id_of(string.sub(other, -41)))
      if row and not wait_of(row[2]) then return true end
    end
    return false
  end
  local owners = {consumer}  -- it may have taken some over just now
  for _, owner in ipairs(place.owners) do
    if owner[1] ~= consumer and not wait_of(owner[1]) then owners[#owners + 1] = owner[1] end
  end
  for _, owner in ipairs(owners) do
    local after = '(' .. id
    repeat
      local page = redis.call('XPENDING', place.key, group, after, '+', '1000', owner)
      local scores = {'ZMSCORE', place.serial}
      for _, row in ipairs(page) do
        scores[#scores + 1] = member(place, mark, row[1])
        after = '(' .. row[1]
      end
      for _, score in ipairs(#page > 0 and redis.call(unpack(scores)) or {}) do
        if score then return true end
      end
    until #page < 1000
  end
  return false
end

-- Takes messages that an owner has held for long without a sign of life. They are counted among the held messages already.
local function left_behind(place)
  for _, owner in ipairs(place.owners) do
    local ours = owner[1] == consumer
    local unknown = tonumber(owner[2]) - (ours and place.ours_count or 0)
    if not wait_of(owner[1]) and unknown > 0 and (idle ~= '' or (ours and strays)) then
      local count = room_left() + 1 + (ours and place.ours_count or 0)
      local rows
      if ours and strays then
        rows = redis.call('XPENDING', place.key, group, '-', '+', count + 100, owner[1])
      else
        rows = redis.call('XPENDING', place.key, group, 'IDLE', idle, '-', '+', count, owner[1])
      end
      for _, row in ipairs(rows) do
        local is_stray = ours and strays and row[3] <= strays
        if not (ours and place.ours[row[1]]) and (is_stray or (idle ~= '' and row[3] >= tonumber(idle))) then
          if room_left() <= 0 then more = true break end
          give(place, row, is_stray)
        end
      end
    end
  end
end

-- Takes messages that were given back and are due. If very many have the same wait, a thousand are looked at, and the others
-- the next time.
local function given_back(place)
  local due, goes_on_at = {}, nil
  -- Under `serial` the first messages may have to wait for others, while a later one need not.
  local wanted = field and 1000 or room_for_new() + 1
  for _, owner in ipairs(place.owners) do
    local wait = wait_of(owner[1])
    if wait and not waits_in_turn(owner[1]) then
      local rows
      if tonumber(owner[2]) > 1000 then
        rows = redis.call('XPENDING', place.key, group, place.from, '+', '1000', owner[1])
        if #rows == 1000 and (not goes_on_at or is_before(rows[1000][1], goes_on_at)) then goes_on_at = rows[1000][1] end
        note_next(1000)
        more = true
      else
        rows = redis.call('XPENDING', place.key, group, 'IDLE', string.format('%.0f', wait), '-', '+', wanted, owner[1])
      end
      for _, row in ipairs(rows) do
        if row[3] >= wait then due[#due + 1] = {wait - row[3], row} else note_next(wait - row[3]) end
      end
    end
  end
  place.from = goes_on_at or '-'
  table.sort(due, function(a, b) return a[1] < b[1] end)
  for _, found in ipairs(due) do
    local row = found[2]
    if room_for_new() <= 0 then more = true return end
    local entry = field and redis.call('XRANGE', place.key, row[1], row[1])[1]
    local mark = entry and mark_of(field, entry[2])
    if mark and (waits_for_another(place, mark, row[1]) or later_one_runs(place, mark, row[1])) then
      park(place, row, mark)
      goes_on = true
    else
      -- Without a member for this message, later ones would not wait for it.
      if mark then redis.call('ZADD', place.serial, '0', member(place, mark, row[1])) end
      if give(place, row) then free = free - 1 end
    end
  end
end

-- Takes messages that have waited for one that is done: each is now the first of its value, and nobody holds one of them.
local function in_turn(place)
  local prefix, looked = 'w' .. place.prefix, 0
  local start = place.mark
  local function of(mark)
    while room_for_new() > 0 do
      local id, row = head(place, mark)
      if id and waits_in_turn(row[2]) and later_one_runs(place, mark, id) then return end
      if not id or not waits_in_turn(row[2]) then
        note_if_none_wait(place, mark)
        return
      end
      local given = give(place, row)
      place.behind = place.behind - 1
      if given then
        free = free - 1
        note_if_none_wait(place, mark)
        return
      end
    end
  end
  local function walk(from, to)
    while true do
      local page = redis.call('ZRANGEBYLEX', place.serial, '[' .. from, '(' .. to, 'LIMIT', '0', '100')
      for _, waiting in ipairs(page) do
        place.mark = string.sub(waiting, #prefix + 1)
        if room_for_new() <= 0 then more = true return false end
        if looked == 1000 then goes_on = true return false end
        looked = looked + 1
        of(place.mark)
        from = waiting .. '0'
      end
      if #page < 100 then return true end
    end
  end
  if place.behind == 0 then return end
  if walk(prefix .. start, prefix .. 'g') and walk(prefix, prefix .. start) then place.mark = start end
end
