// XADD from standard input: lines to entries, a batch at a time.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "cli/arguments/arguments.h"
#include "io/json_lines.h"
#include "io/line_reader.h"
#include "stream/request.h"
#include "stream/result.h"

namespace weir::cli {

/// What every line is made into.
struct AppendModel {
  Xadd entry;                ///< stream, trimming and NOMKSTREAM of each; no stream: each line names its own
  bool keep_ids = false;     ///< the line's own ID, where it has one
  bool skip_errors = false;  ///< go on after a bad line
  io::Nested nested = io::Nested::refuse;
  std::optional<std::string> field;  ///< each line is text, the value of this field; nothing: it is JSON
};

/// Entries with the numbers of their lines, and the lines that were bad.
struct AppendBatch {
  std::vector<Xadd> entries;
  std::vector<std::uint64_t> line_numbers;
  std::vector<Error> errors;
  std::uint64_t bytes = 0;  ///< of the input
  bool stopped = false;     ///< the last error ends it all
  bool ended = false;       ///< so does the input
  bool paused = false;      ///< the input pauses after this batch

  /// Empties it and keeps its memory.
  void clear();
};

/// What the lines are, for `say_what_is_awaited`.
const char* kind_of_lines(const AppendModel& model);

/// Makes batches of what can be read. Threads: one at a time.
class AppendReader {
 public:
  AppendReader(int fd, AppendModel model, io::LineReader::Wait wait);

  /// Waits for lines, then takes what is there, up to some thousands. Fails if the input cannot be read.
  /// `used` is a batch that is done with: its memory is used again.
  Result<AppendBatch> next(AppendBatch used = {});

 private:
  void add_line(std::string_view line, AppendBatch& batch);
  Result<io::ParsedLine> parse(std::string_view line, bool first);
  Result<Xadd> entry_of(io::ParsedLine&& parsed);

  AppendModel model_;
  io::LineReader lines_;
  io::LineParser parser_;
  std::uint64_t line_number_ = 0;
  bool more_in_buffer_ = false;
  bool any_line_ = false;  ///< that is not blank
  bool used_key_ = false;
};

/// What the options say of every line. Fails with `Failure::usage`.
Result<AppendModel> read_model(const Arguments& arguments);

/// Of an option that is for one message: standard input has none.
Error no_message(std::string_view option);

/// Puts it before the hint.
void say_nothing_was_stored(Error& error);

/// An error of a line, told with its number.
Error at_line(std::uint64_t line_number, Error error);

}  // namespace weir::cli
