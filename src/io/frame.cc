#include "io/frame.h"

#include "stream/fields.h"
#include "text/numbers.h"

namespace weir::io {
namespace {

bool is_json(std::string_view line) {
  return line.front() == '{' || line.front() == '[' || line.front() == '"' || parse_integer(line) || line == "null";
}

}  // namespace

void JsonArray::add(std::string& out, std::string_view lines) {
  each_line(lines, [&](std::string_view line) {
    // The comma is written before the next line, since nobody knows whether there will be one.
    out.push_back(begun_ ? ',' : '[');
    begun_ = true;
    if (is_json(line)) {
      out.append(line);
    } else {
      append_json_value(out, line);
    }
    out.push_back('\n');
  });
}

void JsonArray::end(std::string& out, bool complete) {
  if (begun_ || complete) {
    out.append(begun_ ? "]\n" : "[]\n");
  }
}

}  // namespace weir::io
