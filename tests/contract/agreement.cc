#include "contract/agreement.h"

#include <algorithm>

#include "contract/engines.h"
#include "io/write.h"
#include "system/clock.h"

namespace weir::test {
namespace {

using io::write_json;
using io::write_resp;

constexpr const char* kStreams[] = {"a", "b"};
/// As long as the generator's longest idle time.
constexpr Millis kLong(3'600'000);

/// Takes out of a reply what depends on the clock, what servers of 7.0 do not know or get wrong, and what
/// only newer ones tell: the named differences of the specification.
class Normal {
 public:
  explicit Normal(const Profile& profile) : lag_is_comparable_(!profile.removes) {}

  void operator()(PendingEntries& reply) const {
    for (auto& entry : reply.entries) {
      entry.idle = Millis(0);
    }
  }
  void operator()(StreamEntries& reply) const {
    for (auto& stream : reply) {
      for (Entry& entry : stream.entries) {
        if (entry.before) {
          entry.before->idle = entry.before->idle < kLong ? Millis(0) : kLong;
        }
      }
    }
  }
  void operator()(StreamInfo& reply) const {
    reply.extra.clear();
    reply.idempotence.reset();
  }
  void operator()(GroupInfos& reply) const {
    for (auto& group : reply.groups) {
      group.extra.clear();
      lag(group.lag, group.entries_read);
    }
  }
  void operator()(ConsumerInfos& reply) const {
    for (auto& consumer : reply.consumers) {
      consumer.extra.clear();
      consumer.idle = Millis(0);
      consumer.inactive.reset();
      consumer.activity_told = false;
    }
  }
  void operator()(StreamDetails& reply) const {
    reply.info.groups = 0;
    reply.info.extra.clear();
    reply.info.idempotence.reset();
    for (auto& group : reply.groups) {
      group.extra.clear();
      group.nacked_count.reset();
      lag(group.lag, group.entries_read);
      times(group.pel);
      for (auto& consumer : group.consumers) {
        consumer.extra.clear();
        consumer.seen_time = UnixMs(0);
        consumer.active_time.reset();
        consumer.activity_told = false;
        times(consumer.pel);
      }
    }
  }
  template <typename T>
  void operator()(T& /*other*/) const {}

 private:
  void lag(std::optional<std::uint64_t>& lag, std::optional<std::uint64_t>& entries_read) const {
    if (!lag_is_comparable_) {
      lag.reset();
      entries_read.reset();
    }
  }
  /// A time that was set by the test stays; one of the clock does not.
  static void times(std::vector<StreamDetails::Pending>& pel) {
    for (auto& pending : pel) {
      pending.delivery_time = pending.delivery_time > UnixMs(1'000'000) ? UnixMs(1'000'000) : pending.delivery_time;
    }
  }
  bool lag_is_comparable_;
};

std::string text_of(const Result<Reply>& reply, const Normal& normal) {
  if (!reply) {
    std::string message = reply.error().message;
    if (message == "ERR Elements are too large to be stored") {
      message = "ERR The ID specified in XADD is equal or smaller than the target stream top item";
    }
    return message + " (" + std::to_string(static_cast<int>(reply.error().failure)) + ")";
  }
  Reply same = *reply;
  std::visit(normal, same);
  std::string text;
  write_json(text, same);
  write_resp(text, same);
  return text;
}

std::string run(Store& store, const Step& step, const Normal& normal) {
  if (step.how == Step::How::alone) {
    return text_of(store.execute(step.requests.front()), normal);
  }
  const bool undo = step.how == Step::How::undo;
  const auto replies = store.transact(step.requests, undo ? Store::OnRefusal::undo : Store::OnRefusal::go_on);
  if (!replies) {
    return "failed: " + replies.error().message;
  }
  std::string text;
  if (undo && !replies->empty() && !replies->back()) {
    return "undone at " + std::to_string(replies->size()) + ": " + text_of(replies->back(), normal);
  }
  for (const auto& reply : *replies) {
    text += text_of(reply, normal) + "\n";
  }
  return text;
}

void make_consumer(Store& left, Store& right, const std::string& stream, const std::string& group,
                   const std::string& consumer) {
  for (Store* store : {&left, &right}) {
    static_cast<void>(store->run(XgroupCreateConsumer{stream, group, consumer}));
  }
}

/// Until a stream is read with CLAIM, a file does not keep the order of what was delivered in one millisecond.
void read_with_claim(Store& left, Store& right, const std::string& stream) {
  for (Store* store : {&left, &right}) {
    static_cast<void>(store->run(XgroupCreate{stream, "turns", std::nullopt, false, std::nullopt, false}));
    Xreadgroup read{"turns", "x", {{stream, std::nullopt}}, std::nullopt, std::nullopt, false};
    read.claim = kLong;
    static_cast<void>(store->run(read));
    static_cast<void>(store->run(XgroupDestroy{stream, "turns"}));
  }
}

/// Servers of 7.0 make no consumer that is given nothing, others do: here it is there before.
void make_consumers(Store& left, Store& right, const Request& request, const Profile& profile) {
  if (const auto* read = std::get_if<Xreadgroup>(&request)) {
    for (const auto& source : read->sources) {
      if (profile.claim) {
        read_with_claim(left, right, source.stream);
      }
      make_consumer(left, right, source.stream, read->group, read->consumer);
    }
  } else if (const auto* claim = std::get_if<Xclaim>(&request)) {
    make_consumer(left, right, claim->stream, claim->group, claim->consumer);
  } else if (const auto* all = std::get_if<Xautoclaim>(&request)) {
    make_consumer(left, right, all->stream, all->group, all->consumer);
  }
}

/// `*` would be the time of day: unless the last ID is far in the future it becomes an ID that both choose alike.
/// XSETID below the highest deleted ID is left out: servers of 7.0 take it.
bool make_comparable(Store& store, Request& request) {
  if (auto* add = std::get_if<Xadd>(&request); add != nullptr && add->id.kind == NewId::Kind::automatic) {
    const auto info = store.run(XinfoStream{add->stream});
    if (!info || info->last_generated_id.ms < std::uint64_t{1} << 62U) {
      add->id = {NewId::Kind::automatic_sequence, {info ? info->last_generated_id.ms : 5, 0}};
    }
  } else if (const auto* set = std::get_if<Xsetid>(&request)) {
    const auto info = store.run(XinfoStream{set->stream});
    return !info || set->last_id >= info->max_deleted_id;
  }
  return true;
}

/// A transaction changes what `make_comparable` looked at: in one, only what cannot depend on it.
bool fits_transaction(const Request& request) {
  const auto* add = std::get_if<Xadd>(&request);
  return !std::holds_alternative<Xsetid>(request) && !(add != nullptr && add->id.kind == NewId::Kind::automatic);
}

/// Whether a group may come into being, or lose consumers: servers of 7.0 then make those that read it at another time.
bool changes_groups(const Request& request) {
  return std::holds_alternative<XgroupCreate>(request) || std::holds_alternative<XgroupDelConsumer>(request) ||
         std::holds_alternative<XgroupDestroy>(request) || std::holds_alternative<Rename>(request) ||
         std::holds_alternative<Del>(request);
}

bool makes_consumers(const Request& request) {
  return std::holds_alternative<Xreadgroup>(request) || std::holds_alternative<Xclaim>(request) ||
         std::holds_alternative<Xautoclaim>(request);
}

Steps last_look() {
  Steps steps;
  const auto look = [&](Request request) { steps.push_back({Step::How::alone, {std::move(request)}}); };
  for (const char* stream : kStreams) {
    look(XinfoStream{stream});
    look(XinfoStreamFull{stream, 0});
    look(XinfoGroups{stream});
    for (const char* group : {"g", "h"}) {
      look(XpendingSummary{stream, group});
      look(XinfoConsumers{stream, group});
    }
  }
  return steps;
}

}  // namespace

std::optional<Disagreement> find_disagreement(Store& left, Store& right, const Steps& steps, const Profile& profile) {
  const Normal normal(profile);
  must(left.run(Flushall()));
  must(right.run(Flushall()));
  Steps all = steps;
  for (Step& step : last_look()) {
    all.push_back(std::move(step));
  }
  for (std::size_t i = 0; i < all.size(); ++i) {
    Step step = all[i];
    if (step.how != Step::How::alone) {
      std::erase_if(step.requests, [](const Request& request) { return !fits_transaction(request); });
      if (std::any_of(step.requests.begin(), step.requests.end(), changes_groups)) {
        std::erase_if(step.requests, makes_consumers);
      }
    }
    for (const Request& request : step.requests) {
      make_consumers(left, right, request, profile);
    }
    if (step.requests.empty() || (step.how == Step::How::alone && !make_comparable(left, step.requests.front()))) {
      continue;
    }
    std::string a = run(left, step, normal);
    std::string b = run(right, step, normal);
    if (a != b) {
      return Disagreement{i, std::move(a), std::move(b)};
    }
  }
  return std::nullopt;
}

Steps shrink(Store& left, Store& right, Steps steps, const Profile& profile) {
  const auto fails = [&](const Steps& some) { return find_disagreement(left, right, some, profile).has_value(); };
  for (std::size_t piece = std::max<std::size_t>(steps.size() / 2, 1); piece > 0; piece /= 2) {
    for (std::size_t at = 0; at < steps.size();) {
      Steps fewer(steps.begin(), steps.begin() + static_cast<std::ptrdiff_t>(at));
      const std::size_t end = std::min(at + piece, steps.size());
      fewer.insert(fewer.end(), steps.begin() + static_cast<std::ptrdiff_t>(end), steps.end());
      if (fails(fewer)) {
        steps = std::move(fewer);
      } else {
        at += piece;
      }
    }
  }
  for (Step& step : steps) {
    for (std::size_t at = 0; step.requests.size() > 1 && at < step.requests.size();) {
      const Request removed = step.requests[at];
      step.requests.erase(step.requests.begin() + static_cast<std::ptrdiff_t>(at));
      if (!fails(steps)) {
        step.requests.insert(step.requests.begin() + static_cast<std::ptrdiff_t>(at), removed);
        ++at;
      }
    }
  }
  return steps;
}

}  // namespace weir::test
