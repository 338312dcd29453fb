#include "cli/run/would_remove.h"

#include <algorithm>
#include <set>
#include <span>

#include "redis/wire/url.h"
#include "stream/paging.h"

namespace weir::cli {
namespace {

/// Adds a request that is refused, so that everything is undone.
template <typename R>
Result<typename R::Reply> do_and_undo(Store& file, const R& request) {
  XgroupSetid refused;
  refused.stream = request.stream;
  WEIR_ASSIGN(auto replies, file.transact(std::vector<Request>{request, refused}, Store::OnRefusal::undo));
  if (replies.size() < 2) {
    return tl::unexpected<Error>(replies.back().error());
  }
  return std::get<typename R::Reply>(std::move(*replies.front()));
}

Result<std::uint64_t> count_before(Store& store, const std::string& stream, Id end) {
  std::uint64_t count = 0;
  if (const auto last = previous_id(end)) {
    WEIR_TRY(each_entry(store, stream, kMinId, *last, [&](const Entry& /*entry*/) { ++count; }));
  }
  return count;
}

Result<std::uint64_t> reckon(Store& server, const Xtrim& request) {
  const Trim& trim = request.trim;
  if (trim.references == References::acked || trim.approximate) {
    return fail(Failure::refused, "what a server would drop with --acked or ~ cannot be told beforehand");
  }
  if (trim.by == Trim::By::minid) {
    return count_before(server, request.stream, trim.minid);
  }
  WEIR_ASSIGN(const Count length, server.run(Xlen{request.stream}));
  return length.value > trim.maxlen ? length.value - trim.maxlen : 0;
}

Result<bool> is_pending(Store& server, const std::string& stream, const std::string& group, Id id) {
  Xpending one;
  one.stream = stream;
  one.group = group;
  one.first = one.last = id;
  one.count = 1;
  const auto found = server.run(one);
  if (!found && found.error().failure != Failure::refused) {
    return tl::unexpected<Error>(found.error());
  }
  return found && !found->entries.empty();  // if there is no such group, nothing is pending
}

/// Whether any group was not given the entry yet, or has it pending. `but`: the group that has acknowledged it.
Result<bool> is_referenced(Store& server, const std::string& stream, std::span<const GroupInfo> groups, Id id,
                           const std::string* but) {
  for (const GroupInfo& group : groups) {
    if (group.last_delivered_id < id) {
      return true;
    }
    if (but == nullptr || group.name != *but) {
      WEIR_ASSIGN(const bool pending, is_pending(server, stream, group.name, id));
      if (pending) {
        return true;
      }
    }
  }
  return false;
}

struct Removal {
  std::string stream;
  std::vector<Id> ids;
  References references;
  const std::string* group;  ///< the group that acknowledges the entries; null: none
};

Result<Outcomes> reckon(Store& server, const Removal& removal) {
  using Outcome = Outcomes::Outcome;
  WEIR_ASSIGN(const std::vector<Id> there, those_there(server, removal.stream, removal.ids));
  std::vector<GroupInfo> groups;
  if (removal.references == References::acked) {
    auto found = server.run(XinfoGroups{removal.stream});
    if (!found && found.error().failure != Failure::refused) {
      return tl::unexpected<Error>(found.error());
    }
    groups = found ? std::move(found->groups) : std::vector<GroupInfo>();
  }
  Outcomes reply;
  std::set<Id> done;
  for (const Id id : removal.ids) {
    const bool first = done.insert(id).second;
    if (removal.group != nullptr) {
      WEIR_ASSIGN(const bool pending, is_pending(server, removal.stream, *removal.group, id));
      if (!first || !pending) {
        reply.outcomes.push_back(Outcome::absent);
        continue;
      }
    }
    // As in Redis, also for entries that do not exist.
    WEIR_ASSIGN(const bool referenced, is_referenced(server, removal.stream, groups, id, removal.group));
    const bool goes = removal.group != nullptr || (first && std::ranges::binary_search(there, id));
    reply.outcomes.push_back(referenced ? Outcome::referenced : goes ? Outcome::removed : Outcome::absent);
  }
  return reply;
}

}  // namespace

Result<Trial> open_trial(const Settings& settings) {
  WEIR_ASSIGN(auto store, open_store(settings, Access::look));
  const bool server = redis::is_server(settings.database);
  if (!server) {
    store.reset();
    WEIR_ASSIGN(store, open_store(settings, Access::make));
  }
  return Trial{std::move(store), server};
}

Result<std::uint64_t> would_trim(Trial& trial, const Xtrim& request) {
  if (trial.server) {
    return reckon(*trial.store, request);
  }
  WEIR_ASSIGN(const Count count, do_and_undo(*trial.store, request));
  return count.value;
}

Result<Outcomes> would_remove(Trial& trial, const Xdelex& request) {
  return trial.server ? reckon(*trial.store, Removal{request.stream, request.ids, request.references, nullptr})
                      : do_and_undo(*trial.store, request);
}

Result<Outcomes> would_remove(Trial& trial, const Xackdel& request) {
  return trial.server ? reckon(*trial.store, Removal{request.stream, request.ids, request.references, &request.group})
                      : do_and_undo(*trial.store, request);
}

Result<std::vector<Id>> those_there(Store& store, const std::string& stream, std::vector<Id> ids) {
  std::vector<Id> there;
  WEIR_TRY(each_of(store, stream, std::move(ids), [&](const Entry& entry) { there.push_back(entry.id); }));
  return there;
}

}  // namespace weir::cli
