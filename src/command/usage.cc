#include "command/usage.h"

#include <algorithm>
#include <array>
#include <utility>

namespace weir::command {
namespace {

using Kind = Argument::Kind;

/// A word that stands for a value in usage lines.
struct ValueName {
  std::string_view name;
  Kind kind;
};

constexpr std::array kValueNames{
    ValueName{"STREAM", Kind::stream},   ValueName{"NEW-NAME", Kind::stream}, ValueName{"GROUP", Kind::text},
    ValueName{"CONSUMER", Kind::text},   ValueName{"ID", Kind::text},         ValueName{"LAST-ID", Kind::text},
    ValueName{"START", Kind::text},      ValueName{"END", Kind::text},        ValueName{"FIELD", Kind::text},
    ValueName{"VALUE", Kind::text},      ValueName{"PRODUCER", Kind::text},   ValueName{"KEY", Kind::text},
    ValueName{"THRESHOLD", Kind::text},  ValueName{"MESSAGE", Kind::text},    ValueName{"COUNT", Kind::number},
    ValueName{"N", Kind::number},        ValueName{"MS", Kind::number},       ValueName{"SECONDS", Kind::number},
    ValueName{"BYTES", Kind::number},    ValueName{"MIN-IDLE", Kind::number}, ValueName{"GLOB", Kind::glob},
    ValueName{"UNIX-MS", Kind::unix_ms},
};

const ValueName* find_value(std::string_view word) {
  const auto found = std::ranges::find(kValueNames, word, &ValueName::name);
  return found == kValueNames.end() ? nullptr : &*found;
}

bool is_word(std::string_view piece) {
  return !piece.empty() && piece.front() >= 'A' && piece.front() <= 'Z';
}

/// Splits a line into words, brackets, bars and dots.
std::vector<std::string_view> pieces_of(std::string_view line) {
  constexpr std::string_view kAlone = "[]|";
  std::vector<std::string_view> pieces;
  while (!line.empty()) {
    std::size_t length = 1;
    if (line.front() != ' ') {
      if (kAlone.find(line.front()) == kAlone.npos) {
        length = std::min(line.find_first_of(" []|"), line.size());
      }
      pieces.push_back(line.substr(0, length));
    }
    line.remove_prefix(length);
  }
  return pieces;
}

/// Combines parts that belong together into one argument.
Argument together(std::vector<Argument> parts) {
  if (parts.size() == 1) {
    return std::move(parts.front());
  }
  Argument block;
  block.kind = Kind::block;
  block.parts = std::move(parts);
  return block;
}

class UsageParser {
 public:
  UsageParser(std::string_view line, std::span<const KeywordShape> keywords)
      : pieces_(pieces_of(line)), keywords_(keywords) {}

  /// Reads arguments up to the closing bracket, or to the end.
  std::vector<Argument> sequence() {
    std::vector<std::vector<Argument>> choices(1);
    while (at_ < pieces_.size() && piece() != "]") {
      if (piece() == "|") {  // a bar after a value: a keyword begins an alternative
        ++at_;
        choices.emplace_back();
      } else if (piece() == "[") {
        bracket(choices.back());
      } else {
        choices.back().push_back(item());
      }
    }
    if (choices.size() == 1) {
      return std::move(choices.front());
    }
    Argument any;
    any.kind = Kind::one_of;
    for (std::vector<Argument>& choice : choices) {
      any.parts.push_back(together(std::move(choice)));
    }
    std::vector<Argument> whole;
    whole.push_back(std::move(any));
    return whole;
  }

 private:
  std::string_view piece(std::size_t ahead = 0) const {
    return at_ + ahead < pieces_.size() ? pieces_[at_ + ahead] : std::string_view{};
  }

  bool is_keyword(std::string_view word) const {
    return is_word(word) &&
           (find_value(word) == nullptr || std::ranges::find(keywords_, word, &KeywordShape::word) != keywords_.end());
  }

  /// Whether the bracket that opens here repeats the argument before it: [ID ...]
  bool repeats() const {
    std::size_t ahead = 1;
    while (!piece(ahead).empty() && piece(ahead) != "]" && piece(ahead) != "[") {
      ++ahead;
    }
    return piece() == "[" && piece(ahead) == "]" && piece(ahead - 1) == "...";
  }

  void bracket(std::vector<Argument>& before) {
    const bool repetition = repeats();
    ++at_;
    std::vector<Argument> inside = sequence();
    ++at_;  // the closing bracket
    if (inside.empty()) {
      return;
    }
    if (!repetition) {
      before.push_back(together(std::move(inside)));
      before.back().optional = true;
      return;
    }
    const auto count = static_cast<std::ptrdiff_t>(std::min(inside.size() - 1, before.size()));  // without the dots
    if (count > 0) {
      Argument repeated =
          together({std::make_move_iterator(before.end() - count), std::make_move_iterator(before.end())});
      before.erase(before.end() - count, before.end());
      repeated.several = true;
      before.push_back(std::move(repeated));
    }
  }

  static Argument value(std::string_view word) {
    Argument argument;
    const ValueName* known = find_value(word);
    argument.kind = known != nullptr ? known->kind : Kind::token;
    argument.called = word;
    if (known == nullptr) {
      argument.token = word;
    }
    return argument;
  }

  /// Reads one word, or several alternatives.
  Argument alternatives(Argument first) {
    std::vector<Argument> any;
    any.push_back(std::move(first));
    while (piece() == "|" && (any.back().kind == Kind::token || !is_keyword(piece(1)))) {
      ++at_;
      any.push_back(value(piece()));
      ++at_;
    }
    if (any.size() == 1) {
      return std::move(any.front());
    }
    Argument choice;
    choice.kind = Kind::one_of;
    choice.parts = std::move(any);
    return choice;
  }

  Argument item() {
    const std::string_view word = piece();
    ++at_;
    if (!is_keyword(word)) {
      return alternatives(value(word));
    }
    Argument keyword;
    keyword.kind = Kind::token;
    keyword.called = word;
    keyword.token = word;
    if (piece() == "|") {
      return alternatives(std::move(keyword));
    }
    // The values after a keyword belong to the keyword.
    std::vector<Argument> values;
    while (find_value(piece()) != nullptr || (!values.empty() && repeats())) {
      if (piece() == "[") {
        bracket(values);
      } else {
        const std::string_view name = piece();
        ++at_;
        values.push_back(alternatives(value(name)));
      }
    }
    if (values.empty()) {
      return keyword;
    }
    Argument with_values = together(std::move(values));
    with_values.token = word;
    return with_values;
  }

  std::vector<std::string_view> pieces_;
  std::span<const KeywordShape> keywords_;
  std::size_t at_ = 0;
};

}  // namespace

std::vector<Argument> arguments_of(std::string_view line, std::span<const KeywordShape> keywords) {
  return UsageParser(line, keywords).sequence();
}

}  // namespace weir::command
