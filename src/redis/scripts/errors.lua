local function is_error(reply) return type(reply) == 'table' and reply.err ~= nil end
-- Other errors say what this user may do: that is no word on the group.
local function says_not_there(reply)
  return is_error(reply) and (string.find(reply.err, '^NOGROUP') or string.find(reply.err, '^WRONGTYPE')) ~= nil
end
