-- The groups of a stream, and the order of IDs.
local function is_before(a, b)
  local a_ms, a_seq = string.match(a, '^(%d+)-(%d+)$')
  local b_ms, b_seq = string.match(b, '^(%d+)-(%d+)$')
  local one, other = a_ms, b_ms
  if one == other then one, other = a_seq, b_seq end
  if #one ~= #other then return #one < #other end
  return one < other
end
local function groups_at(key)
  local infos, groups = redis.pcall('XINFO', 'GROUPS', key), {}
  if is_error(infos) then return groups end
  for _, info in ipairs(infos) do
    local group = {}
    for i = 1, #info, 2 do group[info[i]] = info[i + 1] end
    groups[#groups + 1] = group
  end
  return groups
end
