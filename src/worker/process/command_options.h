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
  fields,  ///< its fields only, a JSON line
  none,    ///< nothing: /dev/null
};

/// What a field is that the command names and a message has not.
enum class Missing {
  typo,   ///< a mistake in the command, if no message has had it; else one in the message, which is a dead letter
  dead,   ///< a mistake in the message, which is a dead letter
  empty,  ///< empty
  stop,   ///< a mistake: nothing more is run
};

struct CommandOptions {
  std::string group;                 ///< the command's environment has it
  std::string database;              ///< the command's WEIR_DB
  std::vector<std::string> command;  ///< with its placeholders
  std::size_t jobs = 1;              ///< commands at once
  std::size_t batch = 1;             ///< messages for one run of the command
  CommandInput input = CommandInput::entry;
  Missing missing = Missing::typo;
  std::optional<int> later_status;  ///< an exit status that means: not now, and that is no failure
  bool tag = false;                 ///< output lines begin with the ID and a tab
  bool pass_password = false;       ///< the command's environment has the server's
  std::string on_dead;              ///< a script for /bin/sh, for each dead letter; empty: none
  std::string log;                  ///< stream for an entry about each run; empty: none
  std::string into;                 ///< stream for what the command prints; empty: it passes through
  Millis timeout{0};                ///< of one run; 0: none
  Millis kill_after{10'000};        ///< from SIGTERM to SIGKILL
};

}  // namespace weir::worker
