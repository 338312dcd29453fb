// Reads JSON lines: turns a line of standard input into the fields of an entry.
#pragma once

#include <cstddef>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <tl/expected.hpp>

#include "stream/fields.h"
#include "stream/id.h"
#include "stream/result.h"

namespace weir::io {

/// What happens to a value that is an object or an array.
enum class Nested {
  refuse,     ///< the line is an error
  as_string,  ///< the JSON text of the value becomes a string
  flatten,    ///< {"a":{"b":1}} becomes "a.b", [..] becomes "a.0"
};

struct LineError {
  std::size_t column = 1;  ///< counted in bytes, from 1
  std::string reason;
};

struct ParsedLine {
  Fields fields;
  std::optional<Id> id;               ///< set if the line was an entry as weir prints it
  std::optional<std::string> stream;  ///< set in the same case
};

/// Keeps its buffers, so one parser should be used for many lines. Threads: one at a time.
class LineParser {
 public:
  /// So many bytes after a line must be readable; their content does not matter.
  static constexpr std::size_t kPadding = 64;

  explicit LineParser(Nested nested);
  ~LineParser();
  LineParser(LineParser&&) noexcept;
  LineParser& operator=(LineParser&&) noexcept;

  /// Parses a line, without its newline and not blank. Strict RFC 8259 and UTF-8. Throws std::runtime_error if the
  /// library that reads JSON is missing.
  tl::expected<ParsedLine, LineError> parse(std::string_view line);

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

/// Reads a line that names an entry: a bare ID, or a JSON object with an "id". Throws as `LineParser::parse` does.
tl::expected<Id, LineError> parse_id_line(std::string_view line);

/// The version of the library that reads JSON.
std::string simdjson_version();

}  // namespace weir::io
