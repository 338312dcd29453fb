// Foreign bytes for a terminal: the text has nothing that a terminal obeys, is never too wide, and JSON keeps its
// values.
#include "io/terminal_text.h"

#include "fuzz/fuzz.h"
#include "io/json_diagnosis.h"
#include "io/json_lines.h"
#include "io/table/table.h"

using namespace weir;
using fuzz::hold;

namespace {

// A line may end in CR LF.
void check_lines(std::string_view text) {
  for (std::string_view line : fuzz::lines_of(text)) {
    line.remove_suffix(line.ends_with('\r') ? 1 : 0);
    hold(fuzz::is_harmless(line), "a line is harmless to a terminal", line);
  }
}

// What stands in a table may have escape sequences of the table's own, but no colour was asked for.
void check_table(std::string_view bytes, std::size_t width) {
  const std::string name(bytes);
  const io::TableStyle style{width, false, false, true, UnixMs(0)};
  const Entry entry{{1, 1}, Fields::from_pairs({{name, name}, {"a", name}}), 1};
  for (const Reply& reply : {Reply(Entries{name, {entry}, false}), Reply(Names{{name, "s"}}), Reply(Text{name}),
                             Reply(Status{name}), Reply(GroupInfos{{{name, 1, 1, {1, 1}, {}, {}, 0, {}, {}}}})}) {
    std::string out;
    io::write_table(out, reply, style);
    check_lines(out);
  }
}

void check_json(std::string_view bytes) {
  static_cast<void>(io::harmless_json(bytes));  // whatever it is, this ends
  for (const std::string_view line : fuzz::lines_of(bytes)) {
    if (io::diagnose_json(line)) {
      continue;
    }
    const std::string harmless = io::harmless_json(line);
    hold(!io::diagnose_json(harmless), "JSON stays JSON", harmless);
    hold(fuzz::is_harmless(harmless, "\n\t\r"), "JSON is harmless to a terminal", harmless);
    const auto values = [](std::string padded) {
      const std::size_t size = padded.size();
      padded.append(io::LineParser::kPadding, ' ');
      io::LineParser parser(io::Nested::as_string);
      auto parsed = parser.parse(std::string_view(padded).substr(0, size));
      return parsed ? parsed->fields.pairs() : std::vector<Field>();
    };
    // A value within a value is kept as its JSON text, escapes included.
    if (line.find_first_of("[{", 1) == std::string_view::npos) {
      hold(values(std::string(line)) == values(harmless), "JSON keeps its values", harmless);
    }
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) {
    return 0;
  }
  const std::size_t width = data[0];
  const std::string_view bytes = fuzz::text_of(data + 1, size - 1);
  const io::TerminalText whole = io::visible(bytes);
  hold(fuzz::is_harmless(whole.text), "text is harmless to a terminal", whole.text);
  hold(io::visible(whole.text).width == whole.width, "what is shown is as wide as was said", whole.text);
  for (const io::TerminalText& cut : {io::visible(bytes, width), io::cut(whole, width)}) {
    hold(cut.width <= width, "what is cut is no wider than asked", cut.text);
    hold(fuzz::is_harmless(cut.text), "what is cut is harmless to a terminal", cut.text);
  }
  check_lines(io::harmless_lines(bytes));
  check_json(bytes);
  check_table(bytes, width);
  return 0;
}
