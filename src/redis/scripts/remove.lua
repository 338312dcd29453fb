-- delex and ackdel: XDELEX and XACKDEL, made of commands that servers before Redis 8.2 have, too.
local function remove(key, groups, id, references)
  for _, group in ipairs(groups) do
    if references == 'ACKED' and (is_before(group['last-delivered-id'], id) or held(key, group['name'], id)) then
      return 2
    end
    if references == 'DELREF' then redis.call('XACK', key, group['name'], id) end
  end
  return redis.call('XDEL', key, id) == 1 and 1 or -1
end
-- c: key references id…
local function delex(c)
  local check = redis.pcall('XLEN', c[1])
  if is_error(check) then return check end
  local groups, outcomes = groups_at(c[1]), {}
  for i = 3, #c do outcomes[#outcomes + 1] = remove(c[1], groups, c[i], c[2]) end
  return outcomes
end
-- c: key group references id…
local function ackdel(c)
  local check = redis.pcall('XLEN', c[1])
  if is_error(check) then return check end
  local groups, outcomes = groups_at(c[1]), {}
  for i = 4, #c do
    local outcome = -1
    if redis.call('XACK', c[1], c[2], c[i]) == 1 then
      outcome = remove(c[1], groups, c[i], c[3])
      -- The acknowledgement counts: a missing entry is not reported.
      if outcome == -1 then outcome = 1 end
    end
    outcomes[#outcomes + 1] = outcome
  end
  return outcomes
end
