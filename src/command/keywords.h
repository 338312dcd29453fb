// The keywords of a command's grammar. Each keyword has one function that fills the request, for both keywords in a
// line and keywords given apart.
#pragma once

#include <algorithm>
#include <array>

#include "command/redis_command.h"
#include "text/words.h"

namespace weir::command {

/// `Draft`: the request, or the parts from which it is made.
template <typename Draft>
struct Keyword {
  std::string_view word;
  std::size_t least = 0;  ///< how many words must follow; with fewer words, the word is no keyword
  /// Takes the words after the keyword; returns how many it took.
  Result<std::size_t> (*set)(Draft& draft, Words following) = nullptr;
};

/// The keywords in the form that a command's row needs.
template <typename Draft, std::size_t N>
constexpr std::array<KeywordShape, N> shapes_of(const std::array<Keyword<Draft>, N>& keywords) {
  std::array<KeywordShape, N> shapes;
  for (std::size_t i = 0; i < N; ++i) {
    shapes[i] = {keywords[i].word, keywords[i].least};
  }
  return shapes;
}

/// Takes the keyword at the front of `words`. Returns how many words it took, including the keyword; 0: there is no
/// keyword.
template <typename Draft, std::size_t N>
Result<std::size_t> take_keyword(const std::array<Keyword<Draft>, N>& keywords, Draft& draft, Words words) {
  const auto found = std::ranges::find_if(keywords, [&](const Keyword<Draft>& keyword) {
    return words.size() > keyword.least && same_word(keyword.word, words[0]);
  });
  if (found == keywords.end()) {
    return 0;
  }
  WEIR_ASSIGN(const std::size_t taken, found->set(draft, words.subspan(1)));
  return taken + 1;
}

/// A keyword without values that switches something on.
template <typename Draft, auto Member>
Result<std::size_t> set_flag(Draft& draft, Words) {
  draft.*Member = true;
  return 0;
}

/// Takes the keywords that were given apart. Any that are not in `keywords` are the caller's affair.
template <typename Draft, std::size_t N>
Result<void> take_given(const std::array<Keyword<Draft>, N>& keywords, Draft& draft, std::span<const Given> given) {
  for (const Given& each : given) {
    const auto found = std::ranges::find(keywords, each.keyword, &Keyword<Draft>::word);
    if (found != keywords.end()) {
      WEIR_TRY(found->set(draft, each.words()));
    }
  }
  return {};
}

/// Takes keywords to the end of `words`, then those given apart. `unknown` makes the error for a word that is no
/// keyword.
template <typename Draft, std::size_t N, typename Unknown>
Result<void> take_all(const std::array<Keyword<Draft>, N>& keywords, Draft& draft, Words words,
                      std::span<const Given> given, Unknown&& unknown) {
  while (!words.empty()) {
    WEIR_ASSIGN(const std::size_t taken, take_keyword(keywords, draft, words));
    if (taken == 0) {
      return unknown(words[0]);
    }
    words = words.subspan(taken);
  }
  return take_given(keywords, draft, given);
}

}  // namespace weir::command
