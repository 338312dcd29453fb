// What one check of a store found, as `weir doctor` prints it.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "stream/result.h"

namespace weir::doctor {

enum class State {
  ok,
  warning,  ///< weir works, but not always, or not as well as it could
  bad,      ///< commands fail, or messages can be lost
};

struct Finding {
  State state = State::ok;
  std::string_view check;   ///< what was checked: a word or two, for scripts and people
  std::string found;        ///< may hold foreign bytes: file names, a server's words
  std::string remedy = {};  ///< what to do; empty: nothing
  std::vector<std::pair<std::string_view, std::int64_t>> figures = {};  ///< each name ends with its unit
};

/// Called with each finding as soon as it is known: some checks take a while.
using Tell = std::function<void(const Finding&)>;

/// The finding that opening the store failed.
Finding bad(std::string_view check, const Error& error);

/// One line of text, safe for any terminal. `color`: colors the state.
void write_line(std::string& out, const Finding& finding, bool color);
/// The same as one JSON object and a newline.
void write_json(std::string& out, const Finding& finding);

}  // namespace weir::doctor
