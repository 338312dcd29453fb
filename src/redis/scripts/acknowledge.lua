-- acknowledge: XACK of only the owner's entries, or of all entries or none. As everywhere, IDs go to the server a thousand
-- at a time, since Lua's stack is small (kMostScriptWords in script.h).
local function owner_of(c)
  if string.find(c[3], 'o', 1, true) then return c[4] end
  return nil
end
local function lacking(c)
  if not string.find(c[3], 'a', 1, true) then return nil end
  local owner = owner_of(c)
  for i = 5, #c do
    if not held(c[1], c[2], c[i], owner) then
      return {err = 'NOTOWNED ' .. c[i] .. ' is no longer pending' ..
                    (owner and (" for consumer '" .. owner .. "'") or '')}
    end
  end
  return nil
end
local function acknowledge(c)
  local refusal = lacking(c)
  if refusal then return refusal end
  local owner, ids, done = owner_of(c), {}, 0
  for i = 5, #c do
    if not owner or held(c[1], c[2], c[i], owner) then ids[#ids + 1] = c[i] end
  end
  for i = 1, #ids, 1000 do
    local reply = redis.pcall('XACK', c[1], c[2], unpack(ids, i, math.min(i + 999, #ids)))
    if is_error(reply) then return reply end
    done = done + reply
  end
  return done
end
