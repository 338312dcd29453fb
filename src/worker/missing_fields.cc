#include "worker/missing_fields.h"

#include <algorithm>

#include "io/terminal_text.h"
#include "worker/process/own_braces.h"

namespace weir::worker {
namespace {

/// So many messages make it likely that the name is a typo, and are few enough for a person to look at.
constexpr std::size_t kSure = 3;

std::string names_of(const Fields& fields) {
  constexpr std::size_t kMost = 10;
  constexpr std::size_t kLongest = 40;
  std::string names;
  std::set<std::string_view> told;
  const auto pairs = fields.pairs();
  for (const Field& field : pairs) {
    if (!told.insert(field.name).second) {
      continue;
    }
    if (told.size() > kMost) {
      return names + ", …";
    }
    const bool whole = field.name.size() <= kLongest;
    names += (names.empty() ? "" : ", ") + io::visible(whole ? field.name : field.name.substr(0, kLongest)).text +
             (whole ? "" : "…");
  }
  return names;
}

}  // namespace

void MissingFields::look_at(const Fields& fields) {
  if (unseen_.empty() || policy_ == Missing::dead || policy_ == Missing::empty) {
    return;
  }
  for (const Field& field : fields.pairs()) {
    if (unseen_.erase(field.name) > 0) {
      std::erase_if(suspects_, [&](const auto& suspect) { return suspect.second == field.name; });
    }
  }
}

MissingFields::Verdict MissingFields::judge(const Message& message, const std::string& field) {
  field_ = field;
  others_ = message.fields;
  if (policy_ == Missing::stop) {
    return Verdict::stop;
  }
  if (policy_ == Missing::dead || unseen_.count(field) == 0) {
    suspects_.erase({message.stream, message.id});
    return Verdict::dead;
  }
  suspects_[{message.stream, message.id}] = field;
  ++tries_;
  return suspects_.size() < kSure && (!in_turn_ || tries_ < kSure) ? Verdict::hold_back : Verdict::stop;
}

std::size_t MissingFields::held_back(const std::string& stream) const {
  return static_cast<std::size_t>(std::count_if(suspects_.begin(), suspects_.end(),
                                                [&](const auto& suspect) { return suspect.first.first == stream; }));
}

Error MissingFields::error() const {
  const std::string field = "'{" + io::visible(field_).text + "}'";
  const std::string had = others_ ? names_of(*others_) : std::string();
  const std::string what = unseen_.count(field_) > 0 ? "no message has had the field " : "a message has not the field ";
  return {Failure::usage, what + field + ", which the command names; they have: " + had,
          "such messages were given back, uncounted; " + io::visible(own_braces_hint("{" + field_ + "}")).text +
              "mend the command, or say with --missing dead, or --missing empty, what is to become of them"};
}

std::optional<std::string> SerialField::look_at(const Message& message) {
  if (!name_) {
    return std::nullopt;
  }
  bool there = false;
  message.fields.each([&](std::string_view name, std::string_view) { there = there || name == *name_; });
  if (there) {
    name_.reset();
    return std::nullopt;
  }
  without_.insert({message.stream, message.id});
  if (without_.size() < kSure) {
    return std::nullopt;
  }
  std::string line = "weir: no message so far has the field '" + io::visible(*name_).text +
                     "' of --serial, so that none waits for another; they have: " + names_of(message.fields);
  name_.reset();
  return line;
}

}  // namespace weir::worker
