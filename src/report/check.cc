#include "report/check.h"

#include <algorithm>
#include <limits>

#include "stream/logged.h"
#include "stream/upkeep.h"
#include "system/clock.h"

namespace weir::report {
namespace {

std::uint64_t as_number(Millis time) {
  return static_cast<std::uint64_t>(std::max<Millis::rep>(time.count(), 0));
}

/// Higher ranks are worse, so a finding that may be critical comes before a mere warning.
int rank(Level level) {
  switch (level) {
    case Level::critical:
      return 3;
    case Level::unknown:
      return 2;
    case Level::warning:
      return 1;
    case Level::ok:
      break;
  }
  return 0;
}

class Check {
 public:
  Check(Store& store, const Limits& limits) : store_(store), limits_(limits) {}

  Result<void> look_at(std::span<const std::string> streams, const std::string& only_group) {
    Depth depth{.held = limits_.held.any(), .oldest = true, .activity = limits_.idle_group.any(), .dead = true};
    for (const auto& limit : {limits_.held.critical, limits_.held.warning}) {
      if (limit) {
        const auto most = std::min<std::uint64_t>(*limit, std::numeric_limits<Millis::rep>::max() - 1);
        depth.held_for.push_back(Millis(most) + Millis(1));  // longer than the limit
      }
    }
    WEIR_ASSIGN(const std::vector<StreamQueue> queues, queues_of(store_, streams, depth));
    for (const StreamQueue& queue : queues) {
      WEIR_TRY(judge_stream(queue, only_group));
    }
    return {};
  }

  Result<void> look_at_log() {
    auto* logged = dynamic_cast<Logged*>(&store_);
    if (logged == nullptr) {
      return limits_.log.any() ? fail(Failure::usage, "a server has no log to be checked") : Result<void>();
    }
    WEIR_ASSIGN(const std::uint64_t size, logged->log_size());
    Largest largest;
    judge({.figure = Figure::log, .value = size}, limits_.log, largest, Level::critical);
    checked_.log = size;
    return {};
  }

  Result<void> look_at_backup() {
    auto* file = dynamic_cast<Upkeep*>(&store_);
    if (file == nullptr) {
      return limits_.backup.any() ? fail(Failure::usage, "a server's backups are its own") : Result<void>();
    }
    WEIR_ASSIGN(const auto last, file->last_backup());
    if (!last) {
      if (limits_.backup.any()) {
        checked_.findings.push_back(
            {.level = limits_.backup.critical ? Level::critical : Level::warning, .figure = Figure::backup});
      }
      return {};
    }
    checked_.backup = as_number(unix_now() - *last);
    Largest largest;
    judge({.figure = Figure::backup, .value = checked_.backup}, limits_.backup, largest, Level::critical);
    return {};
  }

  Checked take() {
    std::ranges::stable_sort(checked_.findings, std::ranges::greater(),
                             [](const Finding& finding) { return rank(finding.level); });
    return std::move(checked_);
  }

 private:
  Result<void> judge_stream(const StreamQueue& queue, const std::string& only_group) {
    ++checked_.streams;
    judge({.figure = Figure::dead, .stream = queue.name, .value = queue.dead}, limits_.dead, checked_.dead,
          Level::critical);
    WEIR_ASSIGN(const bool keeps, keeps_unfinished(store_, queue.name));
    const GroupQueue* last = keeps ? queue.furthest_behind() : nullptr;
    for (const GroupQueue& group : queue.groups) {
      if (only_group.empty() || group.name == only_group) {
        judge_group(queue.name, group, &group == last);
      }
    }
    return {};
  }

  void judge_group(const std::string& stream, const GroupQueue& group, bool holds_up) {
    ++checked_.groups;
    const auto of = [&](Figure figure, std::optional<std::uint64_t> value) {
      return Finding{.figure = figure, .stream = stream, .group = group.name, .value = value, .holds_up = holds_up};
    };
    // Nobody means to take messages from a paused group, so at most a warning is due: perhaps the pause lasts too long.
    const Level worst = group.paused ? Level::warning : Level::critical;
    if (group.paused) {
      const auto& left = group.paused->left;
      Finding pause = of(Figure::pause, left ? std::optional(as_number(*left)) : std::nullopt);
      pause.level = left ? Level::ok : Level::warning;
      checked_.findings.push_back(std::move(pause));
    }
    const UnixMs now = unix_now();
    std::optional<std::uint64_t> oldest = 0;
    if (group.oldest_waiting) {
      const auto age = age_of(*group.oldest_waiting, now);
      oldest = age ? std::optional(as_number(*age)) : std::nullopt;
    }
    judge(of(Figure::oldest, oldest), limits_.oldest, checked_.oldest, worst);
    judge(of(Figure::waiting, group.waiting), limits_.waiting, checked_.waiting, worst);
    judge(of(Figure::pending, group.pending), limits_.pending, checked_.pending, Level::critical);
    Finding held = of(Figure::held, group.held ? as_number(group.held->idle) : 0);
    held.consumer = group.held ? group.held->consumer : "";
    judge(std::move(held), limits_.held, checked_.held, Level::critical);
    Finding idle_group = of(Figure::idle_group, idle(group, now));
    idle_group.has_consumers = group.asked.has_value();
    judge(std::move(idle_group), limits_.idle_group, checked_.idle_group, worst);
  }

  /// How long messages for the group, held or not, have waited without any consumer asking; stuck.h tells why. Nothing:
  /// the messages have no time.
  static std::optional<std::uint64_t> idle(const GroupQueue& group, UnixMs now) {
    if (!group.oldest()) {
      return 0;
    }
    const auto age = age_of(*group.oldest(), now);
    if (!age || !group.asked) {
      return age || group.asked ? std::optional(as_number(age ? *age : *group.asked)) : std::nullopt;
    }
    return as_number(std::min(*age, *group.asked));
  }

  void judge(Finding finding, const Limit& limit, Largest& largest, Level worst) {
    if (!finding.value) {
      largest.known = false;
      finding.level = limit.any() ? Level::unknown : Level::ok;
    } else {
      largest.value = std::max(largest.value, *finding.value);
      if (limit.critical && *finding.value > *limit.critical) {
        finding.level = worst;
        finding.limit = limit.critical;
      } else if (limit.warning && *finding.value > *limit.warning) {
        finding.level = Level::warning;
        finding.limit = limit.warning;
      }
    }
    if (finding.level != Level::ok) {
      checked_.findings.push_back(std::move(finding));
    }
  }

  Store& store_;
  const Limits& limits_;
  Checked checked_;
};

}  // namespace

bool Limits::any() const {
  return oldest.any() || waiting.any() || pending.any() || held.any() || dead.any() || idle_group.any() || log.any() ||
         backup.any();
}

Level Checked::level() const {
  return findings.empty() ? Level::ok : findings.front().level;
}

Result<Checked> check(Store& store, const std::string& stream, const std::string& group, const Limits& limits) {
  Check check(store, limits);
  if (stream.empty()) {
    WEIR_ASSIGN(const Names names, store.run(Keys{}));
    WEIR_TRY(check.look_at(names.names, ""));
  } else {
    const auto found = store.run(XinfoGroups{stream});
    if (!found) {
      const bool missing = found.error().message.starts_with("ERR no such key");
      return missing ? fail(Failure::refused, "there is no stream '" + stream + "'") : tl::unexpected(found.error());
    }
    const GroupInfos& groups = *found;
    if (!group.empty() && std::ranges::none_of(groups.groups, [&](const auto& info) { return info.name == group; })) {
      return fail(Failure::refused, "there is no group '" + group + "' of the stream '" + stream + "'");
    }
    WEIR_TRY(check.look_at({&stream, 1}, group));
  }
  WEIR_TRY(check.look_at_log());
  WEIR_TRY(check.look_at_backup());
  return check.take();
}

}  // namespace weir::report
