// XADD from standard input: makes batches of entries from lines.
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

/// What each line is made into.
struct AppendModel {
  Xadd entry;                ///< stream, trimming and NOMKSTREAM; no stream: each line names its own
  bool keep_ids = false;     ///< use the line's own ID, if it has one
  bool skip_errors = false;  ///< go on after a bad line
  io::Nested nested = io::Nested::refuse;
  std::optional<std::string> field;  ///< each line is text, and the value of this field; nothing: each line is JSON
};

/// Entries with the numbers of their lines, and the errors of bad lines.
struct AppendBatch {
  std::vector<Xadd> entries;
  std::vector<std::uint64_t> line_numbers;
  std::vector<Error> errors;
  std::uint64_t bytes = 0;  ///< bytes of input
  bool stopped = false;     ///< the last error ends everything
  bool ended = false;       ///< the input has ended
  bool paused = false;      ///< the input pauses after this batch

  /// Empties the batch and keeps its memory.
  void clear();
};

/// What kind of lines are expected, for `say_what_is_awaited`.
const char* kind_of_lines(const AppendModel& model);

/// Makes batches from standard input. Threads: one at a time.
class AppendReader {
 public:
  AppendReader(int fd, AppendModel model, io::LineReader::Wait wait);

  /// Waits for lines, then takes the lines that are there, up to some thousands. Fails if the input cannot be read.
  /// `used` is a batch that the caller no longer needs: its memory is used again.
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
  bool any_line_ = false;  ///< a line that is not blank has been read
  bool used_key_ = false;
};

/// What the options say for every line. Fails with `Failure::usage`.
Result<AppendModel> read_model(const Arguments& arguments);

/// The error for an option about one message, when messages come from standard input.
Error no_message(std::string_view option);

/// Puts this remark in front of the hint.
void say_nothing_was_stored(Error& error);

/// The error of a line, with the number of the line.
Error at_line(std::uint64_t line_number, Error error);

}  // namespace weir::cli
