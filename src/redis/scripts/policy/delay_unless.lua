-- Runs before `delay` of one message. If a message with its key, the first of ARGV, waits, nothing is done, and the reply is
-- 'waits' and the place of the waiting message. KEYS are those of `delay`.
take_due(KEYS[1], KEYS[2], KEYS[3])
local unique_key = table.remove(ARGV, 1)
local earlier = redis.call('HGET', unique_beside(KEYS[2]), unique_key)
if earlier and waits(KEYS[1], unique_beside(KEYS[2]), earlier) then return {'waits', earlier} end
