// The part of the man pages that is made from the table of commands.
#include "cli/command_table/command_table.h"
#include "cli/complete/complete.h"
#include "cli/complete/hidden.h"
#include "text/words.h"

namespace weir::cli {

namespace {

// Escapes text so that mdoc takes it as text.
std::string escaped(std::string_view text) {
  std::string result;
  for (const char c : text) {
    switch (c) {
      case '\\':
        result += "\\e";
        break;
      case '"':
        result += "\\(dq";
        break;
      case '\'':
        result += "\\(aq";
        break;
      case '-':
        result += "\\-";
        break;
      case '~':
        result += "\\(ti";
        break;
      default:
        result += c;
    }
  }
  if (result.starts_with('.')) {
    result.insert(0, "\\&");
  }
  return result;
}

// Writes each sentence on its own line, as mdoc requires.
void write_sentences(std::string& out, std::string_view text) {
  while (!text.empty()) {
    const std::size_t end = text.find(". ");
    out.append(escaped(text.substr(0, end == std::string_view::npos ? end : end + 1))).append("\n");
    text.remove_prefix(end == std::string_view::npos ? text.size() : end + 2);
  }
}

void write_options(std::string& out, std::span<const Option> options) {
  if (options.empty()) {
    return;
  }
  out += ".Bl -tag -width Ds\n";
  for (const Option& option : options) {
    out += ".It";
    if (option.letter != '\0') {
      out.append(" Fl ").append(1, option.letter).append(" ,");
    }
    out.append(" Fl ").append(option.name.substr(1));
    if (takes_value(option)) {
      out.append(" Ar ").append(escaped(option.value.called));
    }
    out.append("\n");
    write_sentences(out, meaning_of(option));
    if (!option.keyword.empty()) {
      out.append("(Redis:\n.Cm ").append(option.keyword).append(" )\n");
    }
  }
  out += ".El\n";
}

void write_command(std::string& out, const Command& command) {
  out.append(".Ss ").append(command.name).append("\n");
  write_sentences(out, std::string(1, upper(command.summary)[0]).append(command.summary.substr(1)) + ".");
  if (const std::string_view redis = other_first_name(command); !redis.empty()) {
    out.append("Its other name is\n.Cm ").append(redis).append(command.name.substr(first_name(command).size()));
    out.append(" .\n");
  }
  out += ".Bd -unfilled -offset indent\n";
  for (const std::string_view usage : command.usage) {
    out.append("weir ").append(escaped(usage)).append("\n");
  }
  out += ".Ed\n";
  if (!command.notes.empty()) {
    out += ".Pp\n";
    write_sentences(out, command.notes);
  }
  write_options(out, command.options);
}

}  // namespace

std::string man_of(std::string_view topic) {
  std::string out;
  if (topic == "options") {
    write_options(out, global_options());
    return out;
  }
  for_each_command([&](const Command& command) {
    if (topic == command.name || topic == first_name(command)) {
      write_command(out, command);
    }
  });
  return out;
}

std::optional<int> run_hidden(Argv argv, std::string& out) {
  if (!argv.empty() && argv[0] == "__complete") {
    complete(argv.subspan(1), out);
    return 0;
  }
  if (argv.empty() || argv[0] != "__man") {
    return std::nullopt;
  }
  for (const std::string_view topic : argv.subspan(1)) {
    out += man_of(topic);
  }
  return out.empty() ? 1 : 0;
}

}  // namespace weir::cli
