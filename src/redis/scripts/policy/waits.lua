-- Whether the last message under a key, an entry or @ and the handle of one that is delayed, waits.
local function is_there(stream, unique, place)
  if string.sub(place, 1, 1) == '@' then
    local due = string.gsub(unique, '^weir:unique:', 'weir:due:')
    local score = redis.pcall('ZSCORE', due, string.sub(place, 2))
    return score and not is_error(score)
  end
  local found = redis.pcall('XRANGE', stream, place, place)
  return not is_error(found) and #found > 0
end
-- A group that was set back has been given it if it still holds it.
local function waits(stream, unique, place)
  if not is_there(stream, unique, place) then return false end
  if string.sub(place, 1, 1) == '@' then return true end
  for _, group in ipairs(groups_at(stream)) do
    if not is_before(group['last-delivered-id'], place) or is_pending(stream, group, place) then return false end
  end
  return true
end
