-- What scripts on a stream and a hash beside it share.
local function is_error(reply) return type(reply) == 'table' and reply.err ~= nil end
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
local function is_before(a, b)
  local a_ms, a_seq = string.match(a, '^(%d+)-(%d+)$')
  local b_ms, b_seq = string.match(b, '^(%d+)-(%d+)$')
  local one, other = a_ms, b_ms
  if one == other then one, other = a_seq, b_seq end
  if #one ~= #other then return #one < #other end
  return one < other
end
local function groups_of(stream)
  local groups, infos = {}, redis.pcall('XINFO', 'GROUPS', stream)
  if is_error(infos) then return groups end
  for _, info in ipairs(infos) do
    local group = {}
    for i = 1, #info, 2 do group[info[i]] = info[i + 1] end
    groups[#groups + 1] = {name = group['name'], last = group['last-delivered-id'], pending = group['pending']}
  end
  return groups
end
local function is_pending(stream, group, id)
  return group.pending > 0 and #redis.call('XPENDING', stream, group.name, id, id, '1') > 0
end
