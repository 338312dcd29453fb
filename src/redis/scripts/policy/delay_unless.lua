-- Before `delay` of one message: nothing is done if one with its key, the first of ARGV, waits. The reply is then 'waits' and
-- where. KEYS are those of `delay`.
take_due(KEYS[1], KEYS[2], KEYS[3])
local unique_key = table.remove(ARGV, 1)
local earlier = redis.call('HGET', unique_beside(KEYS[2]), unique_key)
if earlier and waits(KEYS[1], unique_beside(KEYS[2]), earlier) then return {'waits', earlier} end
