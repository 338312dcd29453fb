#include "worker/process/template.h"

#include <algorithm>
#include <array>

#include "io/write.h"
#include "worker/process/own_braces.h"
#include "worker/process/script_guard.h"

namespace weir::worker {
namespace {

/// Programs that have a shell run the argument after -c.
bool is_shell(std::string_view command) {
  static constexpr std::array<std::string_view, 26> kShells = {
      "sh",   "bash",   "rbash",   "dash",   "ash",  "zsh",     "ksh",   "ksh93", "mksh",
      "lksh", "oksh",   "pdksh",   "yash",   "posh", "csh",     "tcsh",  "fish",  "pwsh",
      "nu",   "elvish", "busybox", "toybox", "su",   "runuser", "flock", "script"};
  const auto slash = command.rfind('/');
  const auto name = slash == std::string_view::npos ? command : command.substr(slash + 1);
  return std::find(kShells.begin(), kShells.end(), name) != kShells.end();
}

/// Follows the words of a command line and finds where a shell may take an argument as a script. In doubt, an argument
/// counts as a script.
class ScriptSearch {
 public:
  /// Whether `argument`, which is the next one, may be the script, or stands where the shell still looks for it.
  bool next(std::string_view argument) {
    if (awaited_) {
      if (!is_option(argument) && !value_follows_) {
        awaited_ = false;
        shell_ = many_scripts_;
      } else {
        value_follows_ = is_option(argument) && takes_value(argument);
      }
      return true;
    }
    if (shell_ && announces_script(argument)) {
      awaited_ = argument.find('=') == std::string_view::npos;
      value_follows_ = takes_value(argument);
      return true;
    }
    if (is_shell(argument)) {
      shell_ = true;
      many_scripts_ = argument.ends_with("fish");
    }
    return false;
  }

 private:
  static bool is_option(std::string_view argument) { return argument.starts_with('-') || argument.starts_with('+'); }
  /// Options such as -c, -ec, -lc; fish has more of them.
  static bool announces_script(std::string_view argument) {
    return argument.starts_with("--command") || argument.starts_with("--init-command") ||
           (argument.starts_with('-') && !argument.starts_with("--") &&
            argument.find_first_of("cC") != std::string_view::npos);
  }
  /// Options such as -o errexit and -O extglob.
  static bool takes_value(std::string_view option) {
    return !option.starts_with("--") && option.find_first_of("oO") != std::string_view::npos;
  }

  bool shell_ = false;          ///< a shell was seen
  bool many_scripts_ = false;   ///< the shell accepts -c more than once
  bool awaited_ = false;        ///< -c was seen, and the script has not come yet
  bool value_follows_ = false;  ///< the next word is the value of an option
};

}  // namespace

const std::string* find_field(const std::vector<Field>& fields, std::string_view name) {
  const auto found =
      std::find_if(fields.rbegin(), fields.rend(), [&](const Field& field) { return field.name == name; });
  return found == fields.rend() ? nullptr : &found->value;
}

Result<CommandTemplate::Argument> CommandTemplate::parse_argument(std::string_view text) {
  const auto unpaired = [&](char brace) {
    return fail(Failure::usage, std::string("a single '") + brace + "' in '" + std::string(text) + "'",
                "write {field} for a field's value, {{ and }} for braces");
  };
  Argument parts;
  std::string plain;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    if (c != '{' && c != '}') {
      plain += c;
      continue;
    }
    if (i + 1 < text.size() && text[i + 1] == c) {
      plain += c;
      ++i;
      continue;
    }
    const auto end = c == '{' ? text.find_first_of("{}", i + 1) : std::string_view::npos;
    if (end == std::string_view::npos || text[end] != '}') {
      return unpaired(c);
    }
    if (!plain.empty()) {
      parts.push_back({Part::Kind::text, std::move(plain)});
      plain.clear();
    }
    const auto name = text.substr(i + 1, end - i - 1);
    const auto kind = name.empty()           ? Part::Kind::entry
                      : name == "id"         ? Part::Kind::id
                      : name == "stream"     ? Part::Kind::stream
                      : name == "deliveries" ? Part::Kind::deliveries
                                             : Part::Kind::field;
    parts.push_back({kind, std::string(name)});
    i = end;
  }
  if (!plain.empty() || parts.empty()) {
    parts.push_back({Part::Kind::text, std::move(plain)});
  }
  return parts;
}

Result<CommandTemplate> CommandTemplate::parse(std::span<const std::string> command, bool batch, bool reads_message) {
  if (command.empty() || command[0].empty()) {
    return fail(Failure::usage, "no command was given", "write it last: weir work STREAM --group G -- COMMAND {field}");
  }
  CommandTemplate result;
  ScriptSearch search;
  std::vector<CommandWord> words;
  for (const std::string& text : command) {
    WEIR_ASSIGN(Argument argument, parse_argument(text));
    const auto has = [&](auto&& test) { return std::any_of(argument.begin(), argument.end(), test); };
    if (result.arguments_.empty() && has([](const Part& part) { return part.kind != Part::Kind::text; })) {
      const bool has_arguments = text.find(' ') != std::string::npos;
      return fail(Failure::usage, "the command's name '" + text + "' cannot come from a message",
                  has_arguments
                      ? "write each argument as a word of its own, without quotes around all: -- COMMAND {field}"
                      : "");
    }
    if (batch && has([](const Part& p) { return p.kind != Part::Kind::text && p.kind != Part::Kind::stream; })) {
      return fail(Failure::usage, "'" + text + "' stands for one message, but --batch runs the command for several",
                  "the command finds the messages on its standard input, a JSON line each");
    }
    const bool data = has([](const Part& p) { return p.kind == Part::Kind::field || p.kind == Part::Kind::entry; });
    if (search.next(text) && data) {
      return fail(Failure::usage, "'" + text + "' would let a message run as a shell script",
                  own_braces_hint(text) +
                      "in the script a field is \"$WEIR_FIELD_name\", or \"$1\" with {name} after it: "
                      "sh -c '… \"$1\"' sh {name}");
    }
    words.push_back({text, data});
    result.arguments_.push_back(std::move(argument));
  }
  if (auto script = find_script(words, reads_message)) {
    return tl::unexpected(std::move(*script));
  }
  return result;
}

std::set<std::string> CommandTemplate::fields() const {
  std::set<std::string> names;
  for (const Argument& parts : arguments_) {
    for (const Part& part : parts) {
      if (part.kind == Part::Kind::field) {
        names.insert(part.text);
      }
    }
  }
  return names;
}

tl::expected<std::vector<std::string>, CommandTemplate::Misfit> CommandTemplate::expand(
    const Message& message, const std::vector<Field>& fields, bool empty_for_missing) const {
  std::vector<std::string> result;
  result.reserve(arguments_.size());
  for (const Argument& parts : arguments_) {
    std::string& out = result.emplace_back();
    for (const Part& part : parts) {
      switch (part.kind) {
        case Part::Kind::text:
          out += part.text;
          break;
        case Part::Kind::field: {
          const std::string* value = find_field(fields, part.text);
          if (value == nullptr && empty_for_missing) {
            break;
          }
          if (value == nullptr) {
            return tl::unexpected(Misfit{"no field '" + part.text + "'", part.text});
          }
          if (value->find('\0') != std::string::npos) {
            return tl::unexpected(Misfit{"field '" + part.text + "' holds a NUL byte, which no argument can", {}});
          }
          out += *value;
          break;
        }
        case Part::Kind::entry:
          io::write_entry_line(out, message.stream, Entry{message.id, message.fields, message.deliveries});
          out.pop_back();
          break;
        case Part::Kind::id:
          out += to_string(message.id);
          break;
        case Part::Kind::stream:
          out += message.stream;
          break;
        case Part::Kind::deliveries:
          out += std::to_string(message.deliveries);
          break;
      }
    }
  }
  return result;
}

}  // namespace weir::worker
