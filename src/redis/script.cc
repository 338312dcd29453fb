#include "redis/script.h"

#include <algorithm>
#include <string>
#include <vector>

namespace weir::redis {
namespace {

// ARGV: the mode, then for each command its kind, the number of its words, and the words.
//   acknowledge (a): key group flags owner id…     flags: o, only the owner's; a, all or none
//   claim (k):       key group flag owner n id×n consumer min-idle option…   flag: o, only the owner's; n, only what
//                    nobody holds and is due
//   nack (n):        key group consumer idle blame count flags owner id…     flags: f, force; o, only the owner's
//   pending_of_nobody (p): key group count
//   delete_consumer (d): key group consumer
// Everything else is a command of the server's. XACK and XCLAIM are given a thousand IDs at a time: Lua's
// stack is small (see `kMostScriptWords`).
constexpr const char* kScript = R"lua(
local mode, list, at = ARGV[1], {}, 2
while at <= #ARGV do
  local words = {kind = ARGV[at]}
  local n = tonumber(ARGV[at + 1])
  for i = 1, n do words[i] = ARGV[at + 1 + i] end
  list[#list + 1] = words
  at = at + 2 + n
end
local function is_error(reply) return type(reply) == 'table' and reply.err ~= nil end
local function held(key, group, id, owner)
  local reply
  if owner then
    reply = redis.pcall('XPENDING', key, group, id, id, '1', owner)
  else
    reply = redis.pcall('XPENDING', key, group, id, id, '1')
  end
  return not is_error(reply) and #reply > 0
end
-- Who stands for nobody: see retry_consumer.h. Its entries are due when they have been idle for so long.
local function wait_of(consumer)
  if consumer == 'weir.retry' then return 300000 end
  return tonumber(string.match(consumer, '^weir%.retry/(%d+)$'))
end
local function due_of_nobody(key, group, id, owners)
  local reply = redis.pcall('XPENDING', key, group, id, id, '1')
  if is_error(reply) or #reply == 0 then return false end
  local wait = wait_of(reply[1][2])
  if wait == nil or reply[1][3] < wait then return false end
  owners[reply[1][2]] = true
  return true
end
local function pending_of_nobody(c)
  local summary = redis.pcall('XPENDING', c[1], c[2])
  if is_error(summary) then return summary end
  local found = {}
  for _, consumer in ipairs(summary[4] or {}) do
    local wait = wait_of(consumer[1])
    if wait then
      for _, entry in ipairs(redis.call('XPENDING', c[1], c[2], '-', '+', '9223372036854775807', consumer[1])) do
        found[#found + 1] = {wait - entry[3], entry}
      end
    end
  end
  table.sort(found, function(a, b) return a[1] < b[1] end)
  local entries = {}
  for i = 1, math.min(#found, tonumber(c[3])) do entries[i] = found[i][2] end
  return entries
end
local function count_after(blame, count)
  if blame == 'FATAL' or count >= 2 ^ 63 then return '9223372036854775807' end
  if blame == 'SILENT' then count = math.max(count - 1, 0) end
  return string.format('%.0f', count)
end
local function nack(c)
  local check = redis.pcall('XPENDING', c[1], c[2])
  if is_error(check) then return check end
  local force, owned = string.find(c[7], 'f', 1, true), string.find(c[7], 'o', 1, true)
  local done = 0
  for i = 9, #c do
    local held = redis.pcall('XPENDING', c[1], c[2], c[i], c[i], '1')
    if is_error(held) then return held end
    local words
    if #held > 0 and (not owned or held[1][2] == c[8]) then
      words = {'XCLAIM', c[1], c[2], c[3], '0', c[i], 'IDLE', c[4], 'RETRYCOUNT',
               c[6] ~= '' and c[6] or count_after(c[5], held[1][4]), 'JUSTID'}
    elseif #held == 0 and force and not owned then
      words = {'XCLAIM', c[1], c[2], c[3], '0', c[i], 'IDLE', c[4], 'RETRYCOUNT',
               c[6] ~= '' and c[6] or count_after(c[5], 0), 'FORCE', 'JUSTID'}
    end
    if words then
      local reply = redis.pcall(unpack(words))
      if is_error(reply) then return reply end
      done = done + #reply
    end
  end
  return done
end
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
local function leave_if_empty(key, group, consumer)
  local holds = redis.pcall('XPENDING', key, group, '-', '+', '1', consumer)
  if not is_error(holds) and #holds == 0 then redis.pcall('XGROUP', 'DELCONSUMER', key, group, consumer) end
end
local function claim(c)
  local check = redis.pcall('XPENDING', c[1], c[2])
  if is_error(check) then return check end
  local n, ids, claimed, owners = tonumber(c[5]), {}, {}, {}
  for i = 6, 5 + n do
    local takes
    if c[3] == 'n' then takes = due_of_nobody(c[1], c[2], c[i], owners) else takes = held(c[1], c[2], c[i], c[4]) end
    if takes then ids[#ids + 1] = c[i] end
  end
  if #ids == 0 then ids[1] = '0-0' end
  for first = 1, #ids, 1000 do
    local words = {'XCLAIM', c[1], c[2], c[6 + n], c[7 + n]}
    for i = first, math.min(first + 999, #ids) do words[#words + 1] = ids[i] end
    for i = 8 + n, #c do words[#words + 1] = c[i] end
    local reply = redis.pcall(unpack(words))
    if is_error(reply) then return reply end
    for _, entry in ipairs(reply) do claimed[#claimed + 1] = entry end
  end
  for consumer in pairs(owners) do leave_if_empty(c[1], c[2], consumer) end
  return claimed
end
local function delete_consumer(c)
  local holds = redis.pcall('XPENDING', c[1], c[2], '-', '+', '1', c[3])
  if is_error(holds) then return holds end
  if #holds > 0 then return 0 end
  return redis.pcall('XGROUP', 'DELCONSUMER', c[1], c[2], c[3])
end
local function run(c)
  if c.kind == 'a' then return acknowledge(c) end
  if c.kind == 'k' then return claim(c) end
  if c.kind == 'd' then return delete_consumer(c) end
  if c.kind == 'n' then return nack(c) end
  if c.kind == 'p' then return pending_of_nobody(c) end
  return redis.pcall(unpack(c))
end
local function groups_of(c)
  if c.kind == 'g' then return c[3], {c[2]} end
  if c.kind == 'k' or c.kind == 'd' or c.kind == 'n' or c.kind == 'p' then return c[2], {c[1]} end
  if c.kind ~= 'r' then return nil, {} end
  local keys, first = {}, 5
  while c[first] ~= 'STREAMS' do first = first + 1 end
  for i = first + 1, first + (#c - first) / 2 do keys[#keys + 1] = c[i] end
  return c[3], keys
end
local full = '18446744073709551615-18446744073709551615'
local function would_refuse(c)
  if c.kind == 'a' then
    local trial = redis.pcall('XACK', c[1], c[2], '0-0')
    return is_error(trial) and trial or lacking(c)
  end
  if c[1] == 'XDEL' then
    local trial = redis.pcall('XDEL', c[2], '0-0')
    if is_error(trial) then return trial end
  end
  local group, keys = groups_of(c)
  for _, key in ipairs(keys) do
    if is_error(redis.pcall('XPENDING', key, group)) then return run(c) end
  end
  -- Whether the server would take it at all (access rules, memory), tried on an ID that no entry can have.
  if c.kind == 'x' then
    local trial = redis.pcall('XADD', c[2], '0-0', 'f', 'v')
    if is_error(trial) and not string.find(trial.err, 'greater than 0-0', 1, true) then return trial end
    local info = redis.pcall('XINFO', 'STREAM', c[2])
    if not is_error(info) then
      for i = 1, #info, 2 do
        if info[i] == 'last-generated-id' and info[i + 1] == full then return run(c) end
      end
    end
  end
  return nil
end
local replies = {}
local function refused(i, refusal)
  replies = {1}
  for k = 1, i - 1 do replies[k + 1] = false end
  replies[i + 1] = refusal
  return replies
end
local function first_with(key)
  for i, c in ipairs(list) do
    for _, word in ipairs(c) do
      if word == key then return i end
    end
  end
end
local saved = {}
if mode == 'checked' then
  for _, key in ipairs(KEYS) do
    local kind = redis.call('TYPE', key).ok
    if kind ~= 'none' and kind ~= 'stream' then
      return refused(first_with(key), {err = 'WRONGTYPE Operation against a key holding the wrong kind of value'})
    end
  end
  for i, c in ipairs(list) do
    local refusal = would_refuse(c)
    if refusal then return refused(i, refusal) end
  end
elseif mode == 'restore' then
  for i, key in ipairs(KEYS) do
    saved[i] = {redis.call('DUMP', key), redis.call('PTTL', key)}
    -- Whether this user may do what undoing takes: neither changes anything.
    local trial = saved[i][1] and redis.pcall('RESTORE', key, '0', '') or redis.pcall('DEL', key)
    if is_error(trial) and not string.find(trial.err, 'BUSYKEY') and not string.find(trial.err, 'payload') then
      return refused(1, trial)
    end
  end
end
for i, c in ipairs(list) do
  replies[i] = run(c)
  if mode == 'stop' and is_error(replies[i]) then return replies end
  if mode == 'restore' and is_error(replies[i]) and not (c.kind == 'b' and string.find(replies[i].err, '^BUSYGROUP')) then
    for k, key in ipairs(KEYS) do
      if saved[k][1] then
        redis.call('RESTORE', key, math.max(saved[k][2], 0), saved[k][1], 'REPLACE')
      else
        redis.call('DEL', key)
      end
    end
    return refused(i, replies[i])
  end
end
if mode == 'checked' or mode == 'restore' then table.insert(replies, 1, 0) end
return replies
)lua";

const char* name_of(ScriptMode mode) {
  switch (mode) {
    case ScriptMode::go_on:
      return "go_on";
    case ScriptMode::stop:
      return "stop";
    case ScriptMode::checked:
      return "checked";
    case ScriptMode::restore:
      break;
  }
  return "restore";
}

}  // namespace

WireCommand script_call(std::span<const WireCommand> commands, ScriptMode mode) {
  std::vector<std::string> keys;
  for (const WireCommand& command : commands) {
    keys.insert(keys.end(), command.keys().begin(), command.keys().end());
  }
  std::sort(keys.begin(), keys.end());
  keys.erase(std::unique(keys.begin(), keys.end()), keys.end());
  WireCommand call("EVAL");
  call.add(kScript).add(std::uint64_t{keys.size()});
  for (const std::string& key : keys) {
    call.add_key(key);
  }
  call.add(name_of(mode));
  for (const WireCommand& command : commands) {
    const char kind = static_cast<char>(command.kind());
    call.add(std::string_view(&kind, 1)).add(std::uint64_t{command.arguments()}).add_all(command);
  }
  return call;
}

}  // namespace weir::redis
