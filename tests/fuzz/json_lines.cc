// JSON lines as input: an accepted line that is printed and read again is the same, and is JSON.
#include "io/json_lines.h"

#include <array>

#include "fuzz/fuzz.h"
#include "io/json_diagnosis.h"
#include "io/write.h"

using namespace weir;
using fuzz::hold;

namespace {

constexpr std::array kAll{io::Nested::refuse, io::Nested::as_string, io::Nested::flatten};

io::LineParser& parser(io::Nested nested) {
  static std::array<io::LineParser, 3> parsers{io::LineParser(kAll[0]), io::LineParser(kAll[1]),
                                               io::LineParser(kAll[2])};
  return parsers[static_cast<std::size_t>(nested)];
}

tl::expected<io::ParsedLine, io::LineError> parse(io::Nested nested, std::string_view line) {
  std::string padded(line);
  padded.append(io::LineParser::kPadding, '"');
  return parser(nested).parse(std::string_view(padded).substr(0, line.size()));
}

void check_error(const io::LineError& error, std::string_view line) {
  hold(error.column >= 1 && error.column <= line.size() + 1, "the column is in the line", line);
  hold(!error.reason.empty(), "a refusal has a reason", line);
}

void check_fields(const Fields& fields, std::string_view line) {
  const std::vector<Field> pairs = fields.pairs();
  hold(!pairs.empty(), "an entry has a field", line);
  hold(Fields::from_pairs(pairs).pairs() == pairs, "fields that are made of bytes are those bytes", line);
}

void check_printed(const io::ParsedLine& parsed) {
  const Id id = parsed.id.value_or(Id{1, 1});
  const std::string stream = parsed.stream.value_or("s");
  std::string printed;
  io::write_entry_line(printed, stream, Entry{id, parsed.fields, std::nullopt});
  hold(printed.find('\n') == printed.size() - 1, "an entry is one line", printed);
  printed.pop_back();
  hold(!io::diagnose_json(printed), "an entry is printed as JSON", printed);
  const auto again = parse(io::Nested::refuse, printed);
  hold(again.has_value(), "what is printed is read", printed);
  hold(again->fields.json() == parsed.fields.json() && again->id == id && again->stream == stream,
       "what is printed and read again is the same", printed);
}

void check_id_line(std::string_view line) {
  const auto id = io::parse_id_line(line);
  if (!id) {
    return check_error(id.error(), line);
  }
  const auto again = io::parse_id_line(to_string(*id));
  hold(again.has_value() && *again == *id, "an ID that is printed and read again is the same", line);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  for (const std::string_view line : fuzz::lines_of(fuzz::text_of(data, size))) {
    if (line.find_first_not_of(" \t\r") == std::string_view::npos) {
      continue;
    }
    const bool is_json = !io::diagnose_json(line);
    for (const io::Nested nested : kAll) {
      const auto parsed = parse(nested, line);
      if (!parsed) {
        check_error(parsed.error(), line);
        continue;
      }
      hold(is_json, "what is accepted is JSON", line);
      check_fields(parsed->fields, line);
      check_printed(*parsed);
    }
    check_id_line(line);
  }
  return 0;
}
