// Replies about entries and whole streams.
#include <algorithm>

#include "redis/translate/decode.h"
#include "redis/wire/server_error.h"

namespace weir::redis {
namespace {

/// Entries in the order of their IDs, except those of CLAIM. An entry deleted while it was pending has no fields.
Entries entries_of(std::string stream, Value list, bool reverse = false) {
  Entries entries{std::move(stream), {}, list.is_nil()};
  entries.entries.reserve(list.size());
  for (std::size_t i = 0; i < list.size(); ++i) {
    Entry entry = list[i].entry();
    const Entry* before = entries.entries.empty() ? nullptr : &entries.entries.back();
    list.expect(before == nullptr || entry.before || (reverse ? entry.id < before->id : before->id < entry.id));
    entries.entries.push_back(std::move(entry));
  }
  return entries;
}

}  // namespace

Result<void> check(Values values) {
  for (const Value& value : values) {
    if (value.is_error()) {
      return tl::unexpected(server_error(value.text()));
    }
  }
  return {};
}

Result<Count> decode_count(Values values) {
  WEIR_TRY(check(values));
  return Count{values[0].number()};
}

Result<Ok> decode_ok(Values values) {
  WEIR_TRY(check(values));
  return Ok();
}

Result<Outcomes> decode_outcomes(Values values, std::size_t ids) {
  using Outcome = Outcomes::Outcome;
  WEIR_TRY(check(values));
  values[0].expect(values[0].size() == ids);
  Outcomes outcomes;
  for (std::size_t i = 0; i < values[0].size(); ++i) {
    const auto outcome = static_cast<Outcome>(static_cast<std::int64_t>(values[0][i].number()));
    values[0][i].expect(outcome == Outcome::absent || outcome == Outcome::removed || outcome == Outcome::referenced);
    outcomes.outcomes.push_back(outcome);
  }
  return outcomes;
}

StreamEntries stream_entries(Value value) {
  StreamEntries streams;
  if (value.is_map()) {
    for (std::size_t i = 0; i + 1 < value.size(); i += 2) {
      streams.push_back(entries_of(std::string(value[i].text()), value[i + 1]));
    }
    return streams;
  }
  for (std::size_t i = 0; i < value.size(); ++i) {
    streams.push_back(entries_of(std::string(value[i][0].text()), value[i][1]));
  }
  return streams;
}

Result<MaybeId> decode(const Xadd& request, Values values) {
  WEIR_TRY(check(values));
  values[0].expect(!request.make_stream || !values[0].is_nil());
  return values[0].is_nil() ? std::nullopt : MaybeId(values[0].id());
}

Result<Entries> decode(const Xrange& request, Values values) {
  WEIR_TRY(check(values));
  Entries entries = entries_of(request.stream, values[0], request.reverse);
  if (!entries.entries.empty()) {
    // Each page has to begin after the page before, or a walk would never end.
    const auto [first, last] = std::minmax(entries.entries.front().id, entries.entries.back().id);
    values[0].expect(first >= request.first && last <= request.last &&
                     std::ranges::all_of(entries.entries, [](const Entry& entry) { return entry.fields.has_value(); }));
  }
  return entries;
}

Result<StreamEntries> decode(const Xread& request, Values values) {
  WEIR_TRY(check(values));
  std::size_t last_entries = 0;
  for (const auto& source : request.sources) {
    last_entries += source.from.kind == Xread::From::Kind::last_entry && !request.limit.any() ? 1 : 0;
  }
  StreamEntries others = last_entries < values.size() ? stream_entries(values[last_entries]) : StreamEntries();
  if (last_entries == 0) {
    return others;
  }
  // In the order of the request. A stream may be named twice, and streams without data were left out.
  StreamEntries all;
  std::size_t next_last = 0;
  auto other = others.begin();
  for (const auto& source : request.sources) {
    if (source.from.kind == Xread::From::Kind::last_entry) {
      Entries last = entries_of(source.stream, values[next_last++]);
      if (!last.entries.empty()) {
        all.push_back(std::move(last));
      }
    } else if (other != others.end() && other->stream == source.stream && !other->entries.empty() &&
               source.from.kind == Xread::From::Kind::after && other->entries.back().id > source.from.id) {
      all.push_back(std::move(*other++));
    }
  }
  return all;
}

Result<Status> decode(const Type& /*request*/, Values values) {
  WEIR_TRY(check(values));
  return Status{std::string(values[0].text())};
}

Result<Names> decode(const Keys& /*request*/, Values values) {
  WEIR_TRY(check(values));
  Names names;
  for (std::size_t i = 0; i < values[0].size(); ++i) {
    names.names.emplace_back(values[0][i].text());
  }
  std::sort(names.names.begin(), names.names.end());
  return names;
}

}  // namespace weir::redis
