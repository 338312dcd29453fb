// Command lines: whatever the words are, the program ends with a documented status, says why if it failed, and makes no
// file but its database. The input is one word on each line (a zero byte stands for a line end in a word), an empty
// line, and the program's standard input.

#include "cli/arguments/arguments.h"
#include "fuzz/fuzz.h"

using namespace weir;
using fuzz::hold;

namespace {

// What starts other programs, or reads and writes databases that the words name, is not run.
bool stays_here(const cli::Arguments& arguments) {
  const cli::Command* command = arguments.command;
  return !arguments.options.has("--db") && (command == nullptr || (!command->runs_program && command->name != "copy"));
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  std::string_view input = fuzz::text_of(data, size);
  const std::string_view line = fuzz::take_until(input, "\n\n");
  const std::vector<std::string> words = fuzz::words_of(line);
  cli::Arguments arguments;
  const std::vector<std::string_view> argv(words.begin(), words.end());
  const auto read = cli::read_arguments(argv, arguments);
  hold(read || (read.error().failure == Failure::usage && !read.error().message.empty()),
       "what is wrong with a command line is told", line);
  if (!stays_here(arguments)) {
    return 0;
  }
  const fuzz::Folder& folder = fuzz::Folder::get();
  folder.renew();
  const fuzz::Outcome outcome = fuzz::run_weir(words, input);
  hold(outcome.status >= 0 && outcome.status <= 5, "the exit status is one of those that are documented", line);
  hold(outcome.status < 2 || !outcome.err.empty() || !outcome.out.empty(), "a failure is told", line);
  const bool is_hidden = line.starts_with("__");
  const bool is_for_monitors = arguments.command != nullptr && arguments.command->name == "check";
  hold(read || is_hidden || outcome.status == (is_for_monitors ? 3 : 2), "a command line that is wrong is not run",
       line);
  hold(fuzz::is_harmless(outcome.err, "\n"), "what is said is harmless to a terminal", outcome.err);
  hold(folder.has_only_database(), "nothing but the database is made", line);
  return 0;
}
