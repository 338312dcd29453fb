#include "copy/copy.h"

#include <algorithm>

#include "copy/delayed.h"
#include "copy/groups.h"
#include "copy/pages.h"
#include "copy/pending.h"
#include "stream/keeping.h"
#include "stream/remembering.h"
#include "stream/unique.h"

namespace weir::copy {
namespace {

using Action = CopyPlan::Action;

/// Whether a value is anything but strings: any other text in it has letters or digits outside of strings.
bool has_types(std::string_view json) {
  for (std::size_t i = 0; i < json.size(); ++i) {
    if (json[i] == '"') {
      for (++i; i < json.size() && json[i] != '"'; ++i) {
        i += json[i] == '\\' ? 1 : 0;
      }
    } else if (std::string_view("{}[],:").find(json[i]) == std::string_view::npos) {
      return true;
    }
  }
  return false;
}

Error refused_entry(const std::string& stream, Id id, const Error& error) {
  return {error.failure, "entry " + to_string(id) + " of '" + stream + "': " + error.message,
          "does somebody else write there? run copy again when nobody does"};
}

/// A server takes entries with given IDs at full speed only in one transaction. The transaction continues after an
/// entry is refused.
Result<void> store_through_pipeline(Store& to, std::vector<Xadd> entries) {
  std::vector<Request> requests(std::make_move_iterator(entries.begin()), std::make_move_iterator(entries.end()));
  const auto done = to.transact(requests, Store::OnRefusal::go_on);
  if (!done) {
    // Whatever happened to these entries, the next run finds those that were stored.
    return fail(done.error().failure, done.error().message, "run copy again: it goes on where it was stopped");
  }
  const auto& replies = *done;
  for (std::size_t i = 0; i < replies.size(); ++i) {
    if (!replies[i]) {
      const auto& entry = std::get<Xadd>(requests[i]);
      return tl::unexpected<Error>(refused_entry(entry.stream, entry.id.id, replies[i].error()));
    }
  }
  return {};
}

Result<void> store_in_bulk(Store& to, const std::vector<Xadd>& entries) {
  WEIR_ASSIGN(const Store::AddAnswers answers, to.append(entries));
  if (!answers.back()) {
    const Xadd& entry = entries[answers.size() - 1];
    return tl::unexpected<Error>(refused_entry(entry.stream, entry.id.id, answers.back().error()));
  }
  return {};
}

Result<void> copy_entries(const CopyEnd& from, const CopyEnd& to, const std::string& stream, const CopyPlan& plan,
                          const CopyProgress& progress, Copied& copied) {
  const auto first = plan.after ? next_id(*plan.after) : kMinId;
  if (!first) {
    return {};
  }
  EntryReader reader(from.store, stream, *first);
  while (true) {
    WEIR_ASSIGN(std::vector<Entry> page, reader.next());
    if (page.empty()) {
      return {};
    }
    std::vector<Xadd> entries;
    entries.reserve(page.size());
    for (Entry& entry : page) {
      if (to.server && !from.server && !copied.untyped && has_types(entry.fields->json())) {
        copied.untyped = entry.id;
      }
      Xadd& add = entries.emplace_back();
      add.stream = stream;
      add.id = {NewId::Kind::exact, entry.id};
      add.fields = std::move(*entry.fields);
    }
    const std::size_t count = entries.size();
    if (to.server) {
      WEIR_TRY(store_through_pipeline(to.store, std::move(entries)));
    } else {
      WEIR_TRY(store_in_bulk(to.store, entries));
    }
    copied.entries += count;
    progress(plan.there + copied.entries);
  }
}

/// Makes a stream without entries, by making a group. If the stream exists, a group of that name may be somebody's.
Result<void> make_empty(Store& to, const std::string& stream) {
  WEIR_ASSIGN(const Count there, to.run(Exists{{stream}}));
  if (there.value > 0) {
    return {};
  }
  XgroupCreate make;
  make.stream = stream;
  make.group = "weir-copy";
  make.make_stream = true;
  // Both or neither: no group is left behind, and no group that somebody else has just made is destroyed.
  const std::vector<Request> requests{make, XgroupDestroy{stream, make.group}};
  WEIR_ASSIGN(const auto replies, to.transact(requests, Store::OnRefusal::undo));
  if (!replies.back()) {
    return tl::unexpected<Error>(replies.back().error());
  }
  return {};
}

/// Copies what XADD cannot: the last ID, if its entry is gone, and the counts of added and deleted entries. The
/// source's values at planning time are used, as entries added later may not all be copied; those that are copied
/// count, too.
Result<void> copy_figures(const CopyEnd& to, const std::string& stream, const CopyPlan& plan) {
  const StreamInfo& source = plan.source;
  WEIR_ASSIGN(const StreamInfo target, to.store.run(XinfoStream{stream}));
  Xsetid request;
  request.stream = stream;
  request.last_id = std::max(source.last_generated_id, target.last_generated_id);
  if (plan.action == Action::append) {
    if (request.last_id == target.last_generated_id) {
      return {};
    }
  } else {
    request.entries_added = source.entries_added + (target.length - std::min(target.length, source.length));
    request.max_deleted_id = source.max_deleted_id;
  }
  WEIR_TRY(to.store.run(request));
  return {};
}

/// From file to file, copies the keys of idempotent producers; otherwise only the settings, as a server does not show
/// keys. Returns how many keys that count were left.
Result<std::uint64_t> copy_keys(Store& from, Store& to, const std::string& stream) {
  auto* source = dynamic_cast<Remembering*>(&from);
  auto* target = dynamic_cast<Remembering*>(&to);
  WEIR_ASSIGN(const StreamInfo after, to.run(XinfoStream{stream}));
  if (source != nullptr && target != nullptr) {
    WEIR_ASSIGN(RememberedKeys keys, source->remembered(stream));
    // Entries added after the last page were not copied. A producer that adds one of them to the target must not be
    // told that it exists.
    std::erase_if(keys.keys, [&](const auto& key) { return key.id > after.last_generated_id; });
    const IdempotenceInfo& how = keys.settings;
    const bool any =
        !keys.keys.empty() || how.added > 0 || how.duration_s != kIdmpDurationS || how.maxsize != kIdmpMaxsize;
    if (any) {
      WEIR_TRY(target->remember(stream, keys));
    }
    return 0;
  }
  WEIR_ASSIGN(const StreamInfo before, from.run(XinfoStream{stream}));
  const auto& wanted = before.idempotence;
  const auto& there = after.idempotence;
  if (wanted && there && (wanted->duration_s != there->duration_s || wanted->maxsize != there->maxsize)) {
    WEIR_TRY(to.run(Xcfgset{stream, wanted->duration_s, wanted->maxsize}));
  }
  return wanted ? wanted->keys : 0;
}

/// Keys of delayed messages are copied with these. Of two messages with the same key, the later one counts.
Result<void> copy_unique_keys(Store& from, Store& to, const std::string& stream) {
  auto& target = dynamic_cast<Unique&>(to);
  WEIR_ASSIGN(auto keys, dynamic_cast<Unique&>(from).unique_keys(stream));
  if (keys.empty()) {
    return {};
  }
  WEIR_ASSIGN(const StreamInfo after, to.run(XinfoStream{stream}));
  WEIR_ASSIGN(const auto there, target.unique_keys(stream));
  std::unordered_map<std::string_view, Id> last;
  for (const UniqueKey& key : there) {
    last.emplace(key.key, key.id);
  }
  std::erase_if(keys, [&](const UniqueKey& key) {
    const auto known = last.find(key.key);
    // Entries added after the last page were not copied. A producer that adds one to the target must not be told that
    // it waits.
    return key.id > after.last_generated_id || (known != last.end() && known->second >= key.id);
  });
  return target.set_unique_keys(stream, keys);
}

/// A policy that only the target has stays.
Result<void> copy_policy(Store& from, Store& to, const std::string& stream) {
  WEIR_ASSIGN(const auto policy, dynamic_cast<Keeping&>(from).kept(stream));
  if (policy) {
    WEIR_TRY(dynamic_cast<Keeping&>(to).keep(stream, *policy));
  }
  return {};
}

std::string shape(const StreamInfo& info) {
  return std::to_string(info.length) + " entries" +
         (info.length == 0 ? "" : ", " + to_string(info.first_entry->id) + " to " + to_string(info.last_entry->id)) +
         ", last ID " + to_string(info.last_generated_id);
}

/// Looks at both sides again: the source may have changed meanwhile, and somebody else may write to the target.
Result<void> compare(const CopyEnd& from, const CopyEnd& to, const std::string& stream, const CopyPlan& plan,
                     Copied& copied) {
  WEIR_ASSIGN(const StreamInfo source, from.store.run(XinfoStream{stream}));
  WEIR_ASSIGN(copied.target, to.store.run(XinfoStream{stream}));
  const auto ours = shape(source);
  const auto theirs = shape(copied.target);
  if (plan.action == Action::append) {
    if (source.last_entry && (!copied.target.last_entry || copied.target.last_entry->id != source.last_entry->id)) {
      copied.difference = ours + " in the source; " + theirs + " in the target";
    }
    return {};
  }
  if (ours != theirs || source.groups != copied.target.groups) {
    copied.difference = ours + ", " + std::to_string(source.groups) + " groups in the source; " + theirs + ", " +
                        std::to_string(copied.target.groups) + " groups in the target";
    return {};
  }
  return compare_pending(from, to, stream, copied);
}

}  // namespace

Result<Copied> copy_stream(const CopyEnd& from, const CopyEnd& to, const std::string& stream, const CopyPlan& plan,
                           const CopyProgress& progress) {
  Copied copied;
  if (plan.action == Action::replace) {
    WEIR_TRY(to.store.run(Del{{stream}}));
  }
  if (plan.action == Action::make) {
    // If somebody deleted the stream without weir, the server may still have its policy, which would remove copied
    // entries. The server forgets the policy when we ask for it.
    const auto forgotten = dynamic_cast<Keeping&>(to.store).kept(stream);
    if (!forgotten && forgotten.error().failure != Failure::refused) {
      return tl::unexpected<Error>(forgotten.error());
    }
  }
  WEIR_TRY(copy_entries(from, to, stream, plan, progress, copied));
  if (plan.source.length == 0) {
    WEIR_TRY(make_empty(to.store, stream));
  }
  WEIR_TRY(copy_figures(to, stream, plan));
  if (plan.action == Action::append) {
    copied.keys_left = plan.source.idempotence ? plan.source.idempotence->keys : 0;
  } else {
    WEIR_ASSIGN(copied.keys_left, copy_keys(from.store, to.store, stream));
  }
  WEIR_TRY(copy_unique_keys(from.store, to.store, stream));
  WEIR_TRY(copy_groups(from, to, stream, plan, copied));
  if (plan.action != Action::append) {
    WEIR_TRY(copy_policy(from.store, to.store, stream));
  }
  // Comes before the comparison, so that delayed messages that have become entries meanwhile are found there.
  WEIR_TRY(copy_delayed(from, to, stream, plan, copied));
  WEIR_TRY(compare(from, to, stream, plan, copied));
  return copied;
}

}  // namespace weir::copy
