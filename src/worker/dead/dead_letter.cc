#include "worker/dead/dead_letter.h"

#include <algorithm>
#include <array>
#include <limits>

#include "io/json_lines.h"
#include "stream/field_edit.h"
#include "text/moment.h"

namespace weir::worker {
namespace {

constexpr std::array<std::string_view, 9> kNames = {"weir.stream",   "weir.id",         "weir.group",
                                                    "weir.consumer", "weir.deliveries", "weir.reason",
                                                    "weir.first",    "weir.last",       "weir.stderr"};
constexpr std::string_view kRequeued = "weir.requeued";
/// A letter has to fit in a server's transaction: if the message has more fields than this, one field holds them all as
/// JSON.
constexpr std::size_t kMostFields = 3'000;
constexpr std::string_view kFields = "weir.fields";

std::string json_text(std::string_view bytes) {
  std::string out;
  append_json_value(out, bytes);
  return out;
}

/// The fields inside a packed field. Nothing: the message merely has a field of that name.
std::optional<Fields> unpacked(std::string text) {
  const std::size_t size = text.size();
  text.append(io::LineParser::kPadding, ' ');
  auto parsed = io::LineParser(io::Nested::refuse).parse(std::string_view(text).substr(0, size));
  return parsed && parsed->fields.pairs().size() > kMostFields ? std::optional(std::move(parsed->fields))
                                                               : std::nullopt;
}

}  // namespace

Fields make_dead_letter(const Message& message, const Death& death) {
  constexpr auto kLimit = static_cast<std::uint64_t>(std::numeric_limits<std::int64_t>::max());
  const UnixMs appended(static_cast<std::int64_t>(message.id.ms > kLimit ? kLimit : message.id.ms));
  const bool many = message.fields.pairs().size() > kMostFields;
  const Fields fields = many ? with_fields(Fields(), {{kFields, json_text(message.fields.json())}}) : message.fields;
  return with_fields(fields, {{kNames[0], json_text(message.stream)},
                              {kNames[1], json_text(to_string(message.id))},
                              {kNames[2], json_text(death.group)},
                              {kNames[3], json_text(death.consumer)},
                              {kNames[4], std::to_string(death.deliveries)},
                              {kNames[5], json_text(death.reason)},
                              {kNames[6], json_text(utc_time(appended))},
                              {kNames[7], json_text(utc_time(death.time))},
                              {kNames[8], json_text(death.last_lines)}});
}

std::optional<DeadLetter> read_dead_letter(const Fields& fields) {
  const std::vector<Field> pairs = fields.pairs();
  if (pairs.size() < kNames.size()) {
    return std::nullopt;
  }
  const Field* added = &pairs[pairs.size() - kNames.size()];
  for (std::size_t i = 0; i < kNames.size(); ++i) {
    if (added[i].name != kNames[i]) {
      return std::nullopt;
    }
  }
  const auto id = parse_id(added[1].value);
  const auto deliveries = parse_part(added[4].value);
  if (!id || !deliveries) {
    return std::nullopt;
  }
  DeadLetter letter;
  letter.stream = added[0].value;
  letter.id = *id;
  letter.death = {added[2].value, added[3].value, *deliveries, added[5].value, UnixMs(0), added[8].value};
  letter.original = without_last(fields, kNames.size());
  if (pairs.size() == kNames.size() + 1 && pairs[0].name == kFields) {
    if (auto many = unpacked(pairs[0].value)) {
      letter.original = std::move(*many);
    }
  }
  return letter;
}

bool is_letter_field(std::string_view name) {
  return std::ranges::find(kNames, name) != kNames.end();
}

Fields requeued_fields(const DeadLetter& letter) {
  const auto pairs = letter.original.pairs();
  if (!pairs.empty() && pairs.back().name == kRequeued) {
    return letter.original;
  }
  return with_fields(letter.original, {{kRequeued, json_text(to_string(letter.id))}});
}

}  // namespace weir::worker
