// How `weir work` runs a command, already checked for form.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <vector>

#include "stream/request.h"

namespace weir::worker {

/// What a command finds on its standard input.
enum class CommandInput {
  entry,   ///< the entry as weir prints it, a JSON line
  fields,  ///< only the entry's fields, as a JSON line
  none,    ///< nothing: /dev/null
};

/// What is assumed if the command names a field that a message does not have.
enum class Missing {
  typo,   ///< a typo in the command if no message has had the field; else a dead letter
  dead,   ///< the message is wrong and becomes a dead letter
  empty,  ///< the value is empty
  stop,   ///< something is wrong: no more commands are run
};

struct CommandOptions {
  std::string group;                 ///< is passed on in the command's environment
  std::string database;              ///< the command's WEIR_DB
  std::vector<std::string> command;  ///< with its placeholders
  std::size_t jobs = 1;              ///< how many commands run at once
  std::size_t batch = 1;             ///< how many messages one run of the command gets
  CommandInput input = CommandInput::entry;
  Missing missing = Missing::typo;
  std::optional<int> later_status;  ///< an exit status that means "not now", which is no failure
  bool tag = false;                 ///< output lines begin with the ID and a tab
  bool pass_password = false;       ///< the command's environment has the password of the server
  std::string on_dead;              ///< a script for /bin/sh, for each dead letter; empty: none
  std::string log;                  ///< stream for an entry about each run; empty: none
  std::string into;                 ///< stream for what the command prints; empty: it passes through
  Millis timeout{0};                ///< limit for one run; 0: none
  Millis kill_after{10'000};        ///< the time between SIGTERM and SIGKILL
};

}  // namespace weir::worker
