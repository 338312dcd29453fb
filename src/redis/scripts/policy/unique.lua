-- Adds a message unless one with its key waits. KEYS: the stream; a hash from each key to the last ID under it. ARGV: the
-- key, and an XADD. The reply: the ID, and 1 if it is new; nil: there is no stream, and it is not to be made.
local stream, unique, key = KEYS[1], KEYS[2], ARGV[1]
local wrong = check_kinds('keys of --unique')
if wrong then return wrong end
local function is_there(id)
  local found = redis.pcall('XRANGE', stream, id, id)
  return not is_error(found) and #found > 0
end
-- A group that was set back has been given it if it still holds it.
local function waits(id)
  if not is_there(id) then return false end
  for _, group in ipairs(groups_of(stream)) do
    if not is_before(group.last, id) or is_pending(stream, group, id) then return false end
  end
  return true
end
local earlier = redis.call('HGET', unique, key)
if earlier and waits(earlier) then return {earlier, 0} end
local id = redis.pcall(unpack(ARGV, 2))
if is_error(id) or not id then return id end
redis.call('HSET', unique, key, id)
-- For each that comes two may go, so that they do not pile up. A server before 6.2 does not choose any.
local some = redis.pcall('HRANDFIELD', unique, '2')
for _, other in ipairs(is_error(some) and {} or some) do
  if other ~= key and not is_there(redis.call('HGET', unique, other)) then redis.call('HDEL', unique, other) end
end
return {id, 1}
