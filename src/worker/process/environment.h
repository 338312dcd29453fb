// The environment of a command: the worker's own, and what weir says about the message.
//
// WEIR_DB (the worker's store, so that what the command adds with weir goes where the worker looks), WEIR_ID,
// WEIR_STREAM, WEIR_GROUP, WEIR_CONSUMER, WEIR_DELIVERIES, for --on-dead WEIR_REASON, and WEIR_FIELD_name for each
// field whose name is made of letters, digits and underscores (no digit first). No other variable can come from a
// message. Values that the system could not pass on are left out: those with a NUL byte, those longer than 64 KiB, and
// what comes after 512 KiB in all. The command finds them on its standard input.
#pragma once

#include <string>
#include <vector>

#include "worker/process/command_options.h"
#include "worker/process/message.h"

namespace weir::worker {

/// The variables of a command, this process's among them. It owns their text.
class Environment {
 public:
  /// Takes what `environ` holds now, without any of the variables above: nothing stale is passed on. Nor are, unless
  /// `pass_password` says so, WEIR_REDIS_PASSWORD and REDISCLI_AUTH.
  Environment(const CommandOptions& options, const std::string& consumer);

  /// For one message; for a batch (`single` false) only what holds for all of it.
  void set(const Message& message, const std::vector<Field>& fields, bool single);

  /// Another variable, until the next `set`.
  void add(std::string_view name, std::string_view value);

  /// NULL-terminated, valid until the next `set`.
  char* const* variables();

 private:
  std::vector<std::string> fixed_;
  std::vector<std::string> added_;
  std::size_t size_ = 0;
  std::vector<char*> pointers_;
};

}  // namespace weir::worker
