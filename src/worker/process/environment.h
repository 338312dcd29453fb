// The environment of a command: the worker's own, and variables about the message.
//
// WEIR_DB (the worker's store, so that weir in the command uses the same store), WEIR_ID, WEIR_STREAM, WEIR_GROUP,
// WEIR_CONSUMER, WEIR_DELIVERIES, for --on-dead WEIR_REASON, and WEIR_FIELD_name for each field whose name is made of
// letters, digits and underscores (no digit first). A message can set no other variables. Left out are values that the
// system could not pass on: values with a NUL byte, values longer than 64 KiB, and all values after 512 KiB in total.
// The command finds such values on its standard input.
#pragma once

#include <string>
#include <vector>

#include "worker/process/command_options.h"
#include "worker/process/message.h"

namespace weir::worker {

/// The variables of a command, including those of this process. The object owns their text.
class Environment {
 public:
  /// Copies `environ` without the variables above, so that no stale value is passed on; and without WEIR_REDIS_PASSWORD
  /// and REDISCLI_AUTH, unless `pass_password` is set.
  Environment(const CommandOptions& options, const std::string& consumer);

  /// Sets the variables of one message; for a batch (`single` false), only those that are the same for all its
  /// messages.
  void set(const Message& message, const std::vector<Field>& fields, bool single);

  /// Adds another variable, until the next `set`.
  void add(std::string_view name, std::string_view value);

  /// The variables, NULL-terminated, valid until the next `set`.
  char* const* variables();

 private:
  std::vector<std::string> fixed_;
  std::vector<std::string> added_;
  std::size_t size_ = 0;
  std::vector<char*> pointers_;
};

}  // namespace weir::worker
