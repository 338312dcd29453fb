// What `weir work` and `weir dead` are asked to do, already checked for form.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "stream/fields.h"
#include "stream/id.h"
#include "stream/request.h"

namespace weir::worker {

/// How long a message that failed waits for its next delivery: `first`, then double each time, up to `most`.
struct Backoff {
  Millis first{1'000};
  Millis most{300'000};
};

/// What a command finds on its standard input.
enum class CommandInput {
  entry,   ///< the entry as weir prints it, a JSON line
  fields,  ///< its fields only, a JSON line
  none,    ///< nothing: /dev/null
};

struct WorkOptions {
  std::vector<std::string> streams;
  std::string group;
  std::string consumer;              ///< empty: HOST-PID. Requires: no other living worker of the group has it.
  std::vector<std::string> command;  ///< with its placeholders
  std::size_t jobs = 1;              ///< commands at once
  std::size_t batch = 1;             ///< messages for one run of the command
  CommandInput input = CommandInput::entry;
  bool tag = false;            ///< output lines begin with the ID and a tab
  bool pass_password = false;  ///< the command's environment has the server's
  bool remove = false;         ///< delete what was acknowledged
  std::string into;            ///< stream for what the command prints; empty: it passes through
  Backoff backoff;
  std::uint64_t max_deliveries = 5;  ///< 0: for ever
  std::string dead_letter;           ///< empty: see `dead_letter_stream`
  Millis min_idle{60'000};           ///< others may take a message over after so long without a sign of life
  Millis timeout{0};                 ///< of one run; 0: none
  Millis kill_after{10'000};         ///< from SIGTERM to SIGKILL
  Millis grace{30'000};              ///< for what runs, after the first signal to stop
  bool until_empty = false;
  std::optional<std::uint64_t> max_messages;
  std::optional<Millis> max_time;
};

struct DeadOptions {
  enum class Action { ls, show, requeue, purge };
  Action action = Action::ls;
  std::string stream;       ///< the one the messages were on
  std::string dead_letter;  ///< empty: see `dead_letter_stream`
  std::vector<Id> ids;      ///< of the letters
  std::optional<Field> where;
  bool all = false;
};

}  // namespace weir::worker
