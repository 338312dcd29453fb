#include "redis/scripts/script.h"

#include <algorithm>
#include <string>
#include <vector>

#include "redis/scripts/script_text.h"

namespace weir::redis {
namespace {

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
  const bool reads = commands.size() == 1 && commands[0].kind() == CommandKind::own_guarded_read &&
                     (mode == ScriptMode::go_on || mode == ScriptMode::stop);
  call.add(reads ? kReadScript : kScriptText).add(std::uint64_t{keys.size()});
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
