-- Adds a message unless a message with its key waits. KEYS: the stream; a hash from each key to the last ID or @handle under
-- it. ARGV: the key, and an XADD. The reply: the ID of the waiting or new message, and 1 if it is new; nil: there is no
-- stream, and it is not to be made.
local stream, unique, key = KEYS[1], KEYS[2], ARGV[1]
local wrong = check_kinds('keys of --unique')
if wrong then return wrong end
local earlier = redis.call('HGET', unique, key)
if earlier and waits(stream, unique, earlier) then return {earlier, 0} end
local id = redis.pcall(unpack(ARGV, 2))
if is_error(id) or not id then return id end
redis.call('HSET', unique, key, id)
-- For each new key up to two old keys are removed, so that keys do not pile up. A server before 6.2 cannot choose keys.
local some = redis.pcall('HRANDFIELD', unique, '2')
for _, other in ipairs(is_error(some) and {} or some) do
  if other ~= key and not is_there(stream, unique, redis.call('HGET', unique, other)) then redis.call('HDEL', unique, other) end
end
return {id, 1}
