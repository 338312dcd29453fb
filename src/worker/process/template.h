// The command line of `weir work`, in which `{…}` stands for parts of a message.
//
//   {name}        the value of that field (the last one, if there are several)
//   {}            the entry as a JSON line, without its newline
//   {id} {stream} {deliveries}
//   {{ and }}     braces
//
// A value becomes part of exactly one argument: nothing in it is split, expanded or run. So after a literal `--` a
// value can never be an option of the command. A value is refused where it would be more than data: as the command's
// own name, in the script of a shell (`sh -c '… {name} …'`) wherever the shell stands, and where script_guard.h says
// so. What other programs do with an argument is not known here.
#pragma once

#include <optional>
#include <set>
#include <span>
#include <string>
#include <string_view>
#include <tl/expected.hpp>
#include <vector>

#include "stream/result.h"
#include "worker/process/message.h"

namespace weir::worker {

class CommandTemplate {
 public:
  /// With `batch`, only {stream} is allowed, as there is no single message. `reads_message`: the command finds messages
  /// on its standard input.
  static Result<CommandTemplate> parse(std::span<const std::string> command, bool batch, bool reads_message = true);

  /// Why a message does not fit the command.
  struct Misfit {
    std::string reason;
    std::optional<std::string> missing;  ///< the missing field; nothing: a field holds bytes that no argument can hold
  };
  /// The arguments for one message, including the command's name. `empty_for_missing`: a missing field counts as empty.
  tl::expected<std::vector<std::string>, Misfit> expand(const Message& message, const std::vector<Field>& fields,
                                                        bool empty_for_missing = false) const;

  /// The names of the fields that the command names.
  std::set<std::string> fields() const;

 private:
  struct Part {
    enum class Kind { text, field, entry, id, stream, deliveries };
    Kind kind = Kind::text;
    std::string text;  ///< literal text, or the field's name
  };
  using Argument = std::vector<Part>;

  static Result<Argument> parse_argument(std::string_view text);

  std::vector<Argument> arguments_;
};

/// The value of the last field of that name; null: there is no such field.
const std::string* find_field(const std::vector<Field>& fields, std::string_view name);

}  // namespace weir::worker
