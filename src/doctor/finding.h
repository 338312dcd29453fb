// What one look at a store found, as `weir doctor` tells it.
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
  warning,  ///< it works, but not always, or not as well as it could
  bad,      ///< commands fail, or messages can be lost
};

struct Finding {
  State state = State::ok;
  std::string_view check;   ///< what was looked at: a word or two, for scripts and people
  std::string found;        ///< may hold bytes of others: names of files, words of a server
  std::string remedy = {};  ///< what to do; empty where there is nothing
  std::vector<std::pair<std::string_view, std::int64_t>> figures = {};  ///< their names end with the unit
};

/// Called with each as it is found: some looks take a while.
using Tell = std::function<void(const Finding&)>;

/// What opening the store failed with.
Finding bad(std::string_view check, const Error& error);

/// One line of text, safe for any terminal. `color`: of the state.
void write_line(std::string& out, const Finding& finding, bool color);
/// The same as one JSON object and a newline.
void write_json(std::string& out, const Finding& finding);

}  // namespace weir::doctor
