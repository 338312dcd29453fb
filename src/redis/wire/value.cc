#include "redis/wire/value.h"

#include "redis/wire/reply_types.h"

namespace weir::redis {
namespace {

bool is_text(int type) {
  return type == REDIS_REPLY_STRING || type == REDIS_REPLY_STATUS || type == REDIS_REPLY_ERROR || type == kVerbatim ||
         type == kDouble || type == kBigNumber;
}

bool is_list(int type) {
  return type == REDIS_REPLY_ARRAY || type == kMap || type == kSet;
}

bool is_whole_number(int type) {
  return type == REDIS_REPLY_INTEGER || type == kBoolean;
}

}  // namespace

void FreeReply::operator()(redisReply* reply) const {
  freeReplyObject(reply);
}

std::nullptr_t Value::strange() const {
  *odd_ = true;
  return nullptr;
}

void Value::expect(bool expected) const {
  if (!expected) {
    strange();
  }
}

bool Value::is_error() const {
  return reply_ != nullptr && reply_->type == REDIS_REPLY_ERROR;
}

bool Value::is_nil() const {
  return reply_ == nullptr || reply_->type == REDIS_REPLY_NIL;
}

std::string_view Value::text() const {
  if (reply_ == nullptr || !is_text(reply_->type)) {
    strange();
    return {};
  }
  return {reply_->str, static_cast<std::size_t>(reply_->len)};
}

std::uint64_t Value::number() const {
  if (reply_ != nullptr && is_whole_number(reply_->type)) {
    return static_cast<std::uint64_t>(reply_->integer);
  }
  const auto value = parse_part(text());
  if (!value) {
    strange();
  }
  return value.value_or(0);
}

std::optional<std::uint64_t> Value::maybe_number() const {
  return is_nil() ? std::nullopt : std::optional(number());
}

Id Value::id() const {
  const auto id = parse_id(text());
  if (!id) {
    strange();
  }
  return id.value_or(kMinId);
}

bool Value::is_map() const {
  return reply_ != nullptr && reply_->type == kMap;
}

std::size_t Value::size() const {
  if (is_nil()) {
    return 0;
  }
  if (!is_list(reply_->type)) {
    strange();
    return 0;
  }
  return reply_->elements;
}

Value Value::operator[](std::size_t i) const {
  return {i < size() ? reply_->element[i] : strange(), odd_};
}

Value Value::named(std::string_view name) const {
  for (std::size_t i = 0; i + 1 < size(); i += 2) {
    if ((*this)[i].text() == name) {
      return (*this)[i + 1];
    }
  }
  return {nullptr, odd_};
}

PlainValue Value::plain() const {
  if (is_nil()) {
    return {};
  }
  if (is_whole_number(reply_->type)) {
    return {std::int64_t{reply_->integer}};
  }
  if (!is_list(reply_->type)) {
    expect(!is_error());
    return {std::string(text())};
  }
  // Recursion is safe, as `ReplyBounds` limits the depth of a reply.
  std::vector<PlainValue> list;
  list.reserve(size());
  for (std::size_t i = 0; i < size(); ++i) {
    list.push_back((*this)[i].plain());
  }
  return {std::move(list), is_map()};
}

Fields Value::fields() const {
  std::vector<Field> pairs;
  pairs.reserve(size() / 2);
  for (std::size_t i = 0; i + 1 < size(); i += 2) {
    pairs.push_back({std::string((*this)[i].text()), std::string((*this)[i + 1].text())});
  }
  return Fields::from_pairs(pairs);
}

Entry Value::entry() const {
  const Value fields = (*this)[1];
  Entry entry{(*this)[0].id(), fields.is_nil() ? std::nullopt : std::optional(fields.fields()), std::nullopt};
  constexpr std::size_t kOfClaim = 4;
  if (size() == kOfClaim) {
    entry.before =
        HeldBefore{std::chrono::milliseconds(static_cast<std::int64_t>((*this)[2].number())), (*this)[3].number()};
  }
  return entry;
}

}  // namespace weir::redis
