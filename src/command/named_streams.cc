#include "command/named_streams.h"

#include <algorithm>

#include "command/grammar_words.h"
#include "text/words.h"

namespace weir::command {

Result<Words> named_streams(NamedStreams names, Words words) {
  switch (names) {
    case NamedStreams::first:
      return words.first(1);
    case NamedStreams::first_two:
      return words.first(2);
    case NamedStreams::all:
      return words;
    case NamedStreams::after_streams: {
      auto keyword = words.begin();
      while (keyword != words.end() && !same_word(*keyword, "streams")) {
        // A group and a consumer may have the name of a keyword, so they are skipped.
        const std::ptrdiff_t step = same_word(*keyword, "group") ? 3 : 1;
        keyword += std::min(step, words.end() - keyword);
      }
      const auto following = static_cast<std::size_t>(words.end() - keyword);
      if (following < 3 || following % 2 == 0) {
        return refuse("Invalid arguments specified for command");
      }
      return words.last(following - 1).first((following - 1) / 2);
    }
    case NamedStreams::none:
      break;
  }
  return refuse("The command has no key arguments");
}

}  // namespace weir::command
