// Plans the copy of a stream that the target may already have.
#include <algorithm>

#include "copy/copy.h"
#include "copy/groups.h"
#include "copy/pages.h"

namespace weir::copy {
namespace {

using Action = CopyPlan::Action;

tl::unexpected<Error> refuse(const std::string& stream, const std::string& why) {
  return fail(Failure::refused, "'" + stream + "' was not copied: " + why,
              "--append puts the entries after those that are there, --replace deletes those first");
}

bool is_same(const Entry& a, const Entry& b) {
  return a.id == b.id && a.fields && b.fields && a.fields->pairs() == b.fields->pairs();
}

Result<bool> has_entry(Store& store, const std::string& stream, const Entry& entry) {
  WEIR_ASSIGN(const Entries found, store.run(Xrange{stream, entry.id, entry.id, false, std::nullopt}));
  return !found.entries.empty() && is_same(found.entries[0], entry);
}

Result<std::uint64_t> count_up_to(Store& store, const std::string& stream, Id last) {
  EntryReader reader(store, stream, kMinId);
  std::uint64_t count = 0;
  while (true) {
    WEIR_ASSIGN(const std::vector<Entry> page, reader.next());
    for (const Entry& entry : page) {
      if (entry.id > last) {
        return count;
      }
      ++count;
    }
    if (page.empty()) {
      return count;
    }
  }
}

/// Whether the target's entries are the first entries of the source.
Result<bool> is_beginning(const CopyEnd& from, const std::string& stream, const StreamInfo& source,
                          const StreamInfo& target) {
  if (target.length == 0) {
    return true;
  }
  if (source.length < target.length || !is_same(*source.first_entry, *target.first_entry)) {
    return false;
  }
  WEIR_ASSIGN(const bool has_last, has_entry(from.store, stream, *target.last_entry));
  if (!has_last || (source.length == target.length && source.last_entry->id == target.last_entry->id)) {
    return has_last;
  }
  WEIR_ASSIGN(const std::uint64_t count, count_up_to(from.store, stream, target.last_entry->id));
  return count == target.length;
}

/// Groups of an earlier copy are at the same place as those of the source. A group at another place is in use in the
/// target.
Result<void> check_groups(const CopyEnd& from, const CopyEnd& to, const std::string& stream) {
  WEIR_ASSIGN(const GroupInfos ours, from.store.run(XinfoGroups{stream}));
  WEIR_ASSIGN(const GroupInfos theirs, to.store.run(XinfoGroups{stream}));
  for (const GroupInfo& group : theirs.groups) {
    if (group.last_delivered_id == kUnfinishedGroup) {
      continue;
    }
    const auto same = std::find_if(ours.groups.begin(), ours.groups.end(), [&](const GroupInfo& g) {
      return g.name == group.name && g.last_delivered_id == group.last_delivered_id &&
             g.entries_read == group.entries_read;
    });
    if (same == ours.groups.end()) {
      return refuse(stream, "its group '" + group.name + "' is at another place in the target");
    }
  }
  return {};
}

/// Checks that the entries after `plan.after` can come after the last ID of the target.
Result<void> check_room(const CopyEnd& from, const std::string& stream, const CopyPlan& plan, Id last) {
  const auto first = plan.after ? next_id(*plan.after) : kMinId;
  if (!first) {
    return {};
  }
  WEIR_ASSIGN(const Entries next, from.store.run(Xrange{stream, *first, kMaxId, false, 1}));
  if (!next.entries.empty() && next.entries[0].id <= last) {
    return fail(Failure::refused,
                "'" + stream + "' was not copied: its entry " + to_string(next.entries[0].id) + " cannot come after " +
                    to_string(last) + ", the last ID of the target",
                "--replace deletes what is there first");
  }
  return {};
}

}  // namespace

Result<CopyPlan> plan_copy(const CopyEnd& from, const CopyEnd* to, const std::string& stream,
                           const CopyOptions& options) {
  CopyPlan plan;
  auto source = from.store.run(XinfoStream{stream});
  if (!source) {
    return source.error().failure == Failure::refused
               ? fail(Failure::refused, "there is no stream '" + stream + "' to copy", "weir --db FROM ls shows them")
               : tl::unexpected<Error>(std::move(source).error());
  }
  plan.source = std::move(*source);
  if (to == nullptr) {
    return plan;
  }
  WEIR_ASSIGN(const Count exists, to->store.run(Exists{{stream}}));
  if (exists.value == 0) {
    return plan;
  }
  WEIR_ASSIGN(const Status type, to->store.run(Type{stream}));
  if (type.text != "stream" && type.text != "none") {
    return fail(Failure::refused,
                "'" + stream + "' was not copied: in the target something else has this name, of type " + type.text);
  }
  if (options.meet == CopyOptions::Meet::replace) {
    plan.action = Action::replace;
    return plan;
  }
  WEIR_ASSIGN(const StreamInfo target, to->store.run(XinfoStream{stream}));
  WEIR_ASSIGN(const bool beginning, is_beginning(from, stream, plan.source, target));
  if (beginning && target.last_generated_id <= plan.source.last_generated_id) {
    plan.action = Action::go_on;
    plan.there = target.length;
    if (target.length > 0) {
      plan.after = target.last_entry->id;
    }
    if (const auto groups = check_groups(from, *to, stream); !groups && options.meet != CopyOptions::Meet::append) {
      return tl::unexpected<Error>(groups.error());
    } else if (!groups) {
      plan.action = Action::append;
    }
  } else if (options.meet == CopyOptions::Meet::append) {
    plan.action = Action::append;
    // If an earlier run was stopped, the target's last entry is one of the source.
    bool stored = false;
    if (target.length > 0) {
      WEIR_ASSIGN(stored, has_entry(from.store, stream, *target.last_entry));
    }
    if (stored) {
      plan.after = target.last_entry->id;
      WEIR_ASSIGN(plan.there, count_up_to(from.store, stream, *plan.after));
    }
  } else {
    return refuse(stream, "the target has a stream of this name with other entries");
  }
  WEIR_TRY(check_room(from, stream, plan, target.last_generated_id));
  return plan;
}

}  // namespace weir::copy
