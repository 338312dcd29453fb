#include "io/json_tokens.h"

#include <algorithm>
#include <bitset>
#include <new>

#include "io/json_diagnosis.h"
#include "io/simdjson_library.h"
#include "text/json_string.h"

namespace weir::io {
namespace {

std::size_t digits(std::string_view text, std::size_t at) {
  const std::size_t begin = at;
  while (at < text.size() && text[at] >= '0' && text[at] <= '9') {
    ++at;
  }
  return at - begin;
}

bool is_number(std::string_view text) {
  const auto at_is = [text](std::size_t at, char a, char b) {
    return at < text.size() && (text[at] == a || text[at] == b);
  };
  std::size_t at = at_is(0, '-', '-') ? 1 : 0;
  const std::size_t whole = digits(text, at);
  if (whole == 0 || (whole > 1 && text[at] == '0')) {
    return false;
  }
  at += whole;
  if (at_is(at, '.', '.')) {
    const std::size_t fraction = digits(text, ++at);
    if (fraction == 0) {
      return false;
    }
    at += fraction;
  }
  if (at_is(at, 'e', 'E')) {
    ++at;
    at += at_is(at, '+', '-') ? 1 : 0;
    const std::size_t exponent = digits(text, at);
    if (exponent == 0) {
      return false;
    }
    at += exponent;
  }
  return at == text.size();
}

bool is_scalar(std::string_view text) {
  switch (text.front()) {
    case 't':
      return text == "true";
    case 'f':
      return text == "false";
    case 'n':
      return text == "null";
    default:
      return is_number(text);
  }
}

/// Whether all escapes in a string are valid in JSON, with complete surrogate pairs.
bool escapes_are_right(std::string_view inside) {
  while (true) {
    const std::size_t slash = inside.find('\\');
    if (slash == std::string_view::npos) {
      return true;
    }
    inside.remove_prefix(slash + 1);
    if (inside.empty()) {
      return false;
    }
    if (inside.front() != 'u') {
      if (std::string_view("\"\\/bfnrt").find(inside.front()) == std::string_view::npos) {
        return false;
      }
      inside.remove_prefix(1);
      continue;
    }
    const auto code = parse_hex4(inside.substr(1));
    if (!code || (*code >= 0xdc00 && *code < 0xe000)) {
      return false;
    }
    inside.remove_prefix(5);
    if (*code >= 0xd800 && *code < 0xdc00) {
      const auto low = inside.starts_with("\\u") ? parse_hex4(inside.substr(2)) : std::nullopt;
      if (!low || *low < 0xdc00 || *low >= 0xe000) {
        return false;
      }
      inside.remove_prefix(6);
    }
  }
}

}  // namespace

struct JsonTokens::Indexer {
  std::unique_ptr<simdjson::internal::dom_parser_implementation> simd;
  std::size_t capacity = 0;

  /// Makes room for a text of `size`; false: that is not possible.
  bool reserve(std::size_t size) {
    if (size <= capacity) {
      return true;
    }
    constexpr std::size_t kFirst = 4096;
    const std::size_t wanted = std::min<std::size_t>(std::max(kFirst, size * 2), simdjson::SIMDJSON_MAXSIZE_BYTES);
    capacity = 0;
    const auto error =
        simd ? simd->set_capacity(wanted) : simdjson_implementation().create_dom_parser_implementation(wanted, 1, simd);
    if (error == simdjson::MEMALLOC) {
      throw std::bad_alloc();  // not a fault of the text
    }
    if (error != simdjson::SUCCESS || size > wanted) {
      return false;
    }
    capacity = wanted;
    return true;
  }
};

JsonTokens::JsonTokens() : indexer_(std::make_unique<Indexer>()) {}
JsonTokens::~JsonTokens() = default;

bool JsonTokens::read(std::string_view text) {
  if (!indexer_->reserve(text.size())) {
    return false;
  }
  auto& simd = *indexer_->simd;
  const auto* bytes = reinterpret_cast<const std::uint8_t*>(text.data());
  if (simd.stage1(bytes, text.size(), simdjson::stage1_mode::regular) != simdjson::SUCCESS) {
    return false;
  }
  text_ = text;
  begins_ = simd.structural_indexes.get();
  count_ = simd.n_structural_indexes;
  simd.structural_indexes[count_] = static_cast<std::uint32_t>(text.size());
  escapes_ = text.find('\\') != std::string_view::npos;
  return check();
}

bool JsonTokens::check_string(std::string_view token) const {
  if (token.size() < 2 || token.back() != '"') {
    return false;
  }
  return !escapes_ || escapes_are_right(token.substr(1, token.size() - 2));
}

bool JsonTokens::check() {
  enum class Expect { name, value, more };
  std::bitset<kMaxJsonDepth> is_object;  // for each depth, whether the open value is an object
  std::size_t depth = 0;
  bytes_ = 0;
  deep_ = null_ = false;
  Expect expect = Expect::value;
  if (!nested(0)) {
    return false;
  }
  for (std::size_t i = 0; i < count_; ++i) {
    const char c = first(i);
    if (expect == Expect::more) {
      bytes_ += 1;
      if (depth == 0) {
        return false;
      }
      const bool object = is_object[depth - 1];
      if (c == ',') {
        expect = object ? Expect::name : Expect::value;
      } else if (c == (object ? '}' : ']')) {
        --depth;
      } else {
        return false;
      }
    } else if (expect == Expect::value && (c == '{' || c == '[')) {
      bytes_ += 1;
      if (depth == kMaxJsonDepth) {
        return false;
      }
      deep_ |= depth > 0;
      is_object[depth++] = c == '{';
      expect = c == '{' ? Expect::name : Expect::value;
      if (first(i + 1) == (c == '{' ? '}' : ']')) {
        ++i;
        bytes_ += 1;
        --depth;
        expect = Expect::more;
      }
    } else {
      const std::string_view text = token(i);
      bytes_ += text.size();
      if (c == '"' ? !check_string(text) : expect == Expect::name || !is_scalar(text)) {
        return false;
      }
      if (c == 'n') {
        null_ = true;
      }
      if (expect == Expect::name) {
        if (first(++i) != ':') {
          return false;
        }
        bytes_ += 1;
        expect = Expect::value;
      } else {
        expect = Expect::more;
      }
    }
  }
  return depth == 0 && expect == Expect::more;
}

std::size_t JsonTokens::after(std::size_t i) const {
  std::size_t depth = 0;
  do {
    const char c = first(i++);
    if (c == '{' || c == '[') {
      ++depth;
    } else if (c == '}' || c == ']') {
      --depth;
    }
  } while (depth > 0);
  return i;
}

void JsonTokens::append(std::string& out, std::size_t begin, std::size_t end) const {
  const std::string_view last = token(end - 1);
  const std::size_t from = begins_[begin];
  const std::size_t to = begins_[end - 1] + last.size();
  const std::string_view range = text_.substr(from, to - from);
  std::size_t bytes = 0;
  for (std::size_t i = begin; i < end; ++i) {
    bytes += token(i).size();
  }
  if (bytes == range.size()) {
    out.append(range);
    return;
  }
  out.reserve(out.size() + bytes);
  for (std::size_t i = begin; i < end; ++i) {
    out.append(token(i));
  }
}

std::string JsonTokens::minimal() const {
  if (bytes_ == text_.size()) {
    return std::string(text_);
  }
  std::string out;
  append(out, 0, count_);
  return out;
}

}  // namespace weir::io
