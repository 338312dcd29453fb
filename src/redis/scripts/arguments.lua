-- Reads the arguments of the script. ARGV: the mode, then for each command its kind (CommandKind in ../wire/command.h), the
-- number of its words, and the words. The words of weir's own commands:
--   acknowledge (a): key group flags owner id…     flags: o, only the owner's; a, all or none
--   claim (k):       key group flag owner n id×n consumer min-idle option…   flag: o, only the owner's; n, only due
--                    entries that nobody holds
--   nack (n):        key group consumer idle blame count flags owner id…     flags: f, force; o, only the owner's;
--                    t, only if all entries are there
--   pending_of_nobody (p): key group count
--   delete_consumer (d): key group consumer
--   rename_stream (v): key key bell bell, then for each kind of key beside a stream both names of it
--   guarded (y; z, XREADGROUP): kind group n pause×n, then the words of another command
-- All other commands are the server's own.
local mode, list, at = ARGV[1], {}, 2
while at <= #ARGV do
  local words = {kind = ARGV[at]}
  local n = tonumber(ARGV[at + 1])
  for i = 1, n do words[i] = ARGV[at + 1 + i] end
  if words.kind == 'y' or words.kind == 'z' then
    local pauses = tonumber(words[3])
    local inner = {kind = words[1], group = words[2], pauses = {unpack(words, 4, 3 + pauses)}}
    for i = 4 + pauses, n do inner[i - 3 - pauses] = words[i] end
    words = inner
  end
  list[#list + 1] = words
  at = at + 2 + n
end
