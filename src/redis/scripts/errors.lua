local function is_error(reply) return type(reply) == 'table' and reply.err ~= nil end
-- Whether the error says that the stream or the group does not exist. Other errors are about this user's rights, and say
-- nothing of the group.
local function says_not_there(reply)
  return is_error(reply) and (string.find(reply.err, '^NOGROUP') or string.find(reply.err, '^WRONGTYPE')) ~= nil
end
