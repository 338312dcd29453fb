#include "worker/process/environment.h"

#include <algorithm>
#include <string_view>
#include <unordered_set>

extern char** environ;

namespace weir::worker {
namespace {

constexpr std::size_t kMaxValue = 64 << 10;
constexpr std::size_t kMaxTotal = 512 << 10;

bool is_ours(std::string_view variable) {
  for (const std::string_view name : {"WEIR_DB=", "WEIR_ID=", "WEIR_STREAM=", "WEIR_DELIVERIES=", "WEIR_GROUP=",
                                      "WEIR_CONSUMER=", "WEIR_REASON=", "WEIR_FIELD_"}) {
    if (variable.substr(0, name.size()) == name) {
      return true;
    }
  }
  return false;
}

bool is_safe(std::string_view name) {
  const auto letter = [](char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_'; };
  const auto digit = [](char c) { return c >= '0' && c <= '9'; };
  return !name.empty() && letter(name[0]) &&
         std::all_of(name.begin(), name.end(), [&](char c) { return letter(c) || digit(c); });
}

}  // namespace

Environment::Environment(const CommandOptions& options, const std::string& consumer) {
  for (char** entry = environ; *entry != nullptr; ++entry) {
    const std::string_view variable(*entry);
    const bool secret = variable.starts_with("WEIR_REDIS_PASSWORD=") || variable.starts_with("REDISCLI_AUTH=");
    if (!is_ours(variable) && (options.pass_password || !secret)) {
      fixed_.emplace_back(variable);
    }
  }
  fixed_.push_back("WEIR_DB=" + options.database);
  fixed_.push_back("WEIR_GROUP=" + options.group);
  fixed_.push_back("WEIR_CONSUMER=" + consumer);
}

void Environment::add(std::string_view name, std::string_view value) {
  if (value.size() > kMaxValue || name.size() > kMaxValue || size_ + name.size() + value.size() > kMaxTotal ||
      value.find('\0') != std::string_view::npos) {
    return;
  }
  size_ += name.size() + value.size();
  std::string& variable = added_.emplace_back();
  variable.reserve(name.size() + 1 + value.size());
  variable.append(name).append("=").append(value);
}

void Environment::set(const Message& message, const std::vector<Field>& fields, bool single) {
  added_.clear();
  size_ = 0;
  add("WEIR_STREAM", message.stream);
  if (!single) {
    return;
  }
  add("WEIR_ID", to_string(message.id));
  add("WEIR_DELIVERIES", std::to_string(message.deliveries));
  std::unordered_set<std::string_view> seen;
  for (auto field = fields.rbegin(); field != fields.rend(); ++field) {
    if (is_safe(field->name) && seen.insert(field->name).second) {
      add("WEIR_FIELD_" + field->name, field->value);
    }
  }
}

char* const* Environment::variables() {
  pointers_.clear();
  for (std::string& variable : fixed_) {
    pointers_.push_back(variable.data());
  }
  for (std::string& variable : added_) {
    pointers_.push_back(variable.data());
  }
  pointers_.push_back(nullptr);
  return pointers_.data();
}

}  // namespace weir::worker
