-- Shared by scripts that use a stream and a hash beside it.
local function check_kinds(what)
  for i, expected in ipairs({'stream', 'hash'}) do
    local kind = redis.call('TYPE', KEYS[i]).ok
    if kind ~= 'none' and kind ~= expected then
      return {err = 'WRONGTYPE ' .. (i == 1 and 'Operation against a key holding the wrong kind of value'
                                            or KEYS[i] .. ', where weir keeps ' .. what .. ', holds something else')}
    end
  end
  return nil
end
local function is_pending(stream, group, id)
  return group['pending'] > 0 and #redis.call('XPENDING', stream, group['name'], id, id, '1') > 0
end
