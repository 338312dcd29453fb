-- Adds entries that come from another store, and acknowledges in that store. KEYS: the stream; a hash from each source to
-- the ID of the last entry that came from it, and from '' to the stream's own name as a source. ARGV: the action, and its
-- arguments.
local stream, copied = KEYS[1], KEYS[2]
local wrong = check_kinds('how far others are copied')
if wrong then return wrong end

local actions = {}

-- ARGV: a name, which the stream gets if it has none. The reply: the stream's name. The name of a stream that another
-- client has deleted, or renamed, goes: the next stream here is another source.
function actions.name()
  if redis.call('EXISTS', stream) == 0 then
    redis.call('HDEL', copied, '')
    return {err = 'ERR no such key'}
  end
  redis.call('HSETNX', copied, '', ARGV[2])
  return redis.call('HGET', copied, '')
end

-- ARGV: the stream's name; a group; IDs. The reply: 0 if another stream is there now, which has another name; else 1.
function actions.acknowledge()
  if redis.call('HGET', copied, '') ~= ARGV[2] then return 0 end
  for i = 4, #ARGV, 1000 do
    local reply = redis.pcall('XACK', stream, ARGV[3], unpack(ARGV, i, math.min(i + 999, #ARGV)))
    if is_error(reply) then return reply end
  end
  return 1
end

-- ARGV: the source; the ID up to which it is copied, or ''; for each entry its ID in the source, a number of words, and an
-- XADD of that many words. The reply: how many entries were added, and the ID up to which the source is copied now, or ''.
function actions.add()
  local source, before = ARGV[2], redis.call('HGET', copied, ARGV[2]) or ''
  if before ~= ARGV[3] then return {0, before} end
  local count, place, at = 0, before, 4
  -- This write comes first, so that a user without the right to it adds nothing.
  redis.call('HSET', copied, source, ARGV[4])
  while at <= #ARGV do
    local last = at + 1 + tonumber(ARGV[at + 1])
    local added = redis.pcall(unpack(ARGV, at + 2, last))
    if is_error(added) then
      if count > 0 then break end
      if before == '' then redis.call('HDEL', copied, source) else redis.call('HSET', copied, source, before) end
      return added
    end
    count, place, at = count + 1, ARGV[at], last + 1
  end
  redis.call('HSET', copied, source, place)
  return {count, place}
end

return actions[ARGV[1]]()
