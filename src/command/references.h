// The keywords KEEPREF, DELREF and ACKED, which several commands share.
#pragma once

#include "command/grammar_words.h"
#include "command/keywords.h"

namespace weir::command {

/// Requires: `Draft` has an optional member `references`. A second such keyword is an error.
template <typename Draft, References To>
Result<std::size_t> set_references(Draft& draft, Words) {
  if (draft.references) {
    return syntax_error();
  }
  draft.references = To;
  return 0;
}

template <typename Draft>
inline constexpr Keyword<Draft> kKeepref{"KEEPREF", 0, set_references<Draft, References::keep>};
template <typename Draft>
inline constexpr Keyword<Draft> kDelref{"DELREF", 0, set_references<Draft, References::remove>};
template <typename Draft>
inline constexpr Keyword<Draft> kAcked{"ACKED", 0, set_references<Draft, References::acked>};

}  // namespace weir::command
