#include "doctor/finding.h"

#include <fmt/format.h>

#include "io/json_writer.h"
#include "io/terminal_text.h"

namespace weir::doctor {
namespace {

std::string_view word_of(State state) {
  switch (state) {
    case State::ok:
      return "ok";
    case State::warning:
      return "warn";
    case State::bad:
      break;
  }
  return "bad";
}

std::string_view color_of(State state) {
  switch (state) {
    case State::ok:
      return "\x1b[32m";
    case State::warning:
      return "\x1b[33m";
    case State::bad:
      break;
  }
  return "\x1b[1;31m";
}

}  // namespace

Finding bad(std::string_view check, const Error& error) {
  return {State::bad, check, error.message, error.hint};
}

void write_line(std::string& out, const Finding& finding, bool color) {
  const std::string padded = fmt::format("{:<4}", word_of(finding.state));
  out += color ? fmt::format("{}{}\x1b[0m", color_of(finding.state), padded) : padded;
  out += fmt::format("  {}: {}", finding.check, io::visible(finding.found).text);
  if (!finding.remedy.empty()) {
    out += "; " + io::visible(finding.remedy).text;
  }
  out += '\n';
}

void write_json(std::string& out, const Finding& finding) {
  io::JsonWriter json(out);
  json.object([&] {
    json.member("state", word_of(finding.state));
    json.member("check", finding.check);
    json.member("found", finding.found);
    if (!finding.remedy.empty()) {
      json.member("do", finding.remedy);
    }
    for (const auto& [name, value] : finding.figures) {
      json.key_named(name);
      json.value(value);
    }
  });
  out += '\n';
}

}  // namespace weir::doctor
