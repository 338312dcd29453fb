-- Appends due messages, and looks when the next message is due. The reply: how many messages were appended; 1 if there may
-- be more, 2 if a message cannot be appended; in how many milliseconds the next message is due, or -1; then for each stream
-- its first handle, and the last ID of its bell.
local appended, more, left = 0, 0, -1
local reply = {}
for i = 1, #KEYS, 4 do
  local n, goes_on, refusal = take_due(KEYS[i], KEYS[i + 1], KEYS[i + 2])
  local first = redis.call('ZRANGE', KEYS[i + 1], '0', '0')[1] or ''
  if first ~= '' then
    local wait = math.max(math.ceil((tonumber(string.sub(first, 1, 16)) * 1000 - now_us) / 1000), 0)
    if left < 0 or wait < left then left = wait end
  end
  local rung = redis.call('XREVRANGE', KEYS[i + 3], '+', '-', 'COUNT', '1')[1]
  reply[#reply + 1] = first
  reply[#reply + 1] = rung and rung[1] or '0-0'
  appended = appended + n
  if refusal then more = 2 elseif goes_on and more == 0 then more = 1 end
end
return {appended, more, left, unpack(reply)}
