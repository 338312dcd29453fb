-- Whether the last message under a key waits. `place` is the ID of an entry, or @ and the handle of a delayed message.
local function is_there(stream, unique, place)
  if string.sub(place, 1, 1) == '@' then
    local due = string.gsub(unique, '^weir:unique:', 'weir:due:')
    local score = redis.pcall('ZSCORE', due, string.sub(place, 2))
    return score and not is_error(score)
  end
  local found = redis.pcall('XRANGE', stream, place, place)
  return not is_error(found) and #found > 0
end
-- If a group was set back but still holds the message, the message has been delivered.
local function waits(stream, unique, place)
  if not is_there(stream, unique, place) then return false end
  if string.sub(place, 1, 1) == '@' then return true end
  for _, group in ipairs(groups_at(stream)) do
    if not is_before(group['last-delivered-id'], place) or is_pending(stream, group, place) then return false end
  end
  return true
end
