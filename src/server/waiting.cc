#include "server/waiting.h"

#include <algorithm>
#include <tuple>
#include <utility>

namespace weir::server {

template <typename Each>
void Waiting::each_line(std::map<std::string, Stream>& streams, const Request& request, Each&& each) {
  if (const auto* read = std::get_if<Xread>(&request)) {
    for (const auto& source : read->sources) {
      each(streams[source.stream].readers);
    }
  } else {
    const auto& group = std::get<Xreadgroup>(request);
    for (const auto& source : group.sources) {
      each(streams[source.stream].groups[group.group]);
    }
  }
}

void Waiting::add(std::uint64_t client, Request request, Standings standing, SteadyTime until) {
  changed_ = changed_ || changes_awaited(request);
  const std::uint64_t place = ++last_place_;
  // The client is entered here first, so that `remove` finds it even if there is no memory for the rest.
  const Waiter& waiter =
      waiters_.emplace(client, Waiter{client, std::move(request), until, place, std::move(standing)}).first->second;
  each_line(streams_, waiter.request, [&](Line& line) { line.emplace(place, client); });
  if (until != SteadyTime::max()) {
    ends_.emplace(until, client);
  }
  join_lines(waiter);
}

void Waiting::move(Waiter& waiter, Standings standing) {
  leave_lines(waiter);
  waiter.standing = std::move(standing);
  join_lines(waiter);
  changed_ = true;
}

void Waiting::join_lines(const Waiter& waiter) {
  for (const Sharing::Standing& standing : waiter.standing) {
    lines_->join(standing.fresh, waiter.place);
    if (standing.claims) {
      lines_->join(*standing.claims, waiter.place);
    }
  }
}

void Waiting::leave_lines(const Waiter& waiter) {
  for (const Sharing::Standing& standing : waiter.standing) {
    lines_->leave(standing.fresh, waiter.place);
    if (standing.claims) {
      lines_->leave(*standing.claims, waiter.place);
    }
  }
}

/// Most clients join a group where others wait already, or leave while others go on waiting.
bool Waiting::changes_awaited(const Request& request) const {
  const auto* group = std::get_if<Xreadgroup>(&request);
  if (group == nullptr || group->claim) {
    return true;
  }
  return std::ranges::any_of(group->sources, [&](const auto& source) {
    const auto stream = streams_.find(source.stream);
    return stream == streams_.end() || !stream->second.groups.contains(group->group);
  });
}

Waiting::Waiter* Waiting::find(std::uint64_t client) {
  const auto at = waiters_.find(client);
  return at == waiters_.end() ? nullptr : &at->second;
}

void Waiting::remove(std::uint64_t client) {
  const auto at = waiters_.find(client);
  if (at == waiters_.end()) {
    return;
  }
  const Waiter& waiter = at->second;
  leave_lines(waiter);
  each_line(streams_, waiter.request, [&](Line& line) { line.erase(waiter.place); });
  const auto forget = [&](const std::string& stream, const std::string* group) {
    const auto found = streams_.find(stream);
    if (found == streams_.end()) {
      return;
    }
    auto& groups = found->second.groups;
    if (group != nullptr && groups.contains(*group) && groups[*group].empty()) {
      groups.erase(*group);
    }
    if (groups.empty() && found->second.readers.empty()) {
      streams_.erase(found);
    }
  };
  if (const auto* read = std::get_if<Xread>(&waiter.request)) {
    for (const auto& source : read->sources) {
      forget(source.stream, nullptr);
    }
  } else {
    const auto& group = std::get<Xreadgroup>(waiter.request);
    for (const auto& source : group.sources) {
      forget(source.stream, &group.group);
    }
  }
  ends_.erase({waiter.until, client});
  changed_ = changed_ || changes_awaited(waiter.request);
  waiters_.erase(at);
}

void Waiting::all_of(const Line& line, std::vector<Waiter*>& out) {
  for (const auto& [place, client] : line) {
    Waiter& waiter = waiters_.at(client);
    waiter.again = waiter.trying;
    if (!waiter.trying) {
      waiter.trying = true;
      out.push_back(&waiter);
    }
  }
}

bool Waiting::is_first_in_file(const Waiter& waiter, const std::string& stream) {
  const auto& sources = std::get<Xreadgroup>(waiter.request).sources;
  for (std::size_t i = 0; i < sources.size(); ++i) {
    if (sources[i].stream == stream) {
      return lines_->is_first(waiter.standing[i].fresh, waiter.place);
    }
  }
  return false;
}

/// Notes what the client may take if it tries now: only where every client before it is trying already (and so tries
/// first), and no reader of another process stands before it.
void Waiting::note_turns(Waiter& waiter) {
  const auto& request = std::get<Xreadgroup>(waiter.request);
  waiter.claims_first = request.claim.has_value();
  for (std::size_t i = 0; i < request.sources.size(); ++i) {
    Sharing::Standing& standing = waiter.standing[i];
    standing.fresh_is_ours = standing.claims_are_ours = true;
    for (const auto& [place, client] : streams_[request.sources[i].stream].groups[request.group]) {
      const Waiter& ahead = waiters_.at(client);
      if (place == waiter.place) {
        break;
      }
      const bool claims_alike = std::get<Xreadgroup>(ahead.request).claim == request.claim;
      waiter.claims_first = waiter.claims_first && !claims_alike;
      if (!ahead.trying) {
        standing.fresh_is_ours = false;
        standing.claims_are_ours = standing.claims_are_ours && !claims_alike;
      }
      if (!standing.fresh_is_ours && !(standing.claims && standing.claims_are_ours)) {
        break;
      }
    }
    standing.fresh_is_ours = standing.fresh_is_ours && lines_->is_first(standing.fresh, waiter.place);
    standing.claims_are_ours =
        standing.claims && standing.claims_are_ours && lines_->is_first(*standing.claims, waiter.place);
  }
}

void Waiting::first_of(const Line& line, const std::string& stream, std::size_t count, Head head,
                       std::vector<Waiter*>& out, std::uint64_t round) {
  std::size_t left = std::max<std::size_t>(count, 1);
  SharedTryState behind;
  for (const auto& [place, client] : line) {
    Waiter& waiter = waiters_.at(client);
    if (waiter.trying) {
      if (round == 0) {
        waiter.again = true;
      } else if (waiter.placed != round) {
        waiter.look = true;
        behind = waiter.state;
      }
      if (count == 0) {
        return;  // the waiter that is trying will tell whether there is more
      }
      continue;
    }
    if (head == Head::of_all && !is_first_in_file(waiter, stream)) {
      return;  // the watcher will tell when the client is first
    }
    note_turns(waiter);
    waiter.trying = true;
    waiter.placed = round;
    waiter.behind = behind;
    waiter.again = waiter.look = false;
    waiter.more = count == 0;
    out.push_back(&waiter);
    if (--left == 0) {
      return;
    }
  }
}

void Waiting::note_round(std::uint64_t client) {
  if (Waiter* waiter = find(client)) {
    waiter->placed = round_;
  }
}

/// Clients ahead in the line may not be allowed to take pending messages. So for each idle time that is asked for, the
/// first client in the line tries.
void Waiting::first_to_claim(const Line& line, std::vector<Waiter*>& out, std::uint64_t round) {
  std::set<Millis> times;
  SharedTryState behind;
  for (const auto& [place, client] : line) {
    Waiter& waiter = waiters_.at(client);
    const bool on_its_way = round != 0 && waiter.trying && waiter.placed != round;
    if (on_its_way) {
      behind = waiter.state;
    }
    const auto& claim = std::get<Xreadgroup>(waiter.request).claim;
    if (!claim || !times.insert(*claim).second) {
      continue;
    }
    waiter.more = true;
    if (waiter.trying) {
      waiter.again = waiter.again || round == 0;
      waiter.look = waiter.look || on_its_way;
      continue;
    }
    note_turns(waiter);
    waiter.trying = true;
    waiter.placed = round;
    waiter.behind = behind;
    waiter.again = waiter.look = false;
    out.push_back(&waiter);
  }
}

std::vector<Waiting::Waiter*> Waiting::readers_to_try(const std::string& stream) {
  std::vector<Waiter*> out;
  if (const auto at = streams_.find(stream); at != streams_.end()) {
    all_of(at->second.readers, out);
  }
  return out;
}

std::vector<Waiting::Waiter*> Waiting::groups_to_try(const std::string& stream, std::size_t count) {
  std::vector<Waiter*> out;
  if (const auto at = streams_.find(stream); at != streams_.end()) {
    for (const auto& [group, line] : at->second.groups) {
      first_of(line, stream, count, Head::of_all, out);
    }
  }
  return out;
}

std::vector<Waiting::Waiter*> Waiting::groups_to_try_there(const std::string& stream, std::size_t count) {
  std::vector<Waiter*> out;
  if (const auto at = streams_.find(stream); at != streams_.end()) {
    for (const auto& [group, line] : at->second.groups) {
      first_of(line, stream, count, Head::of_all, out, round_);
    }
  }
  return out;
}

std::vector<Waiting::Waiter*> Waiting::claims_to_try_there(const std::string& stream) {
  std::vector<Waiter*> out;
  if (const auto at = streams_.find(stream); at != streams_.end()) {
    for (const auto& [group, line] : at->second.groups) {
      first_to_claim(line, out, round_);
    }
  }
  return out;
}

std::vector<Waiting::Waiter*> Waiting::to_try(const Sharing::Awaited& seen) {
  std::vector<Waiter*> out;
  const auto at = streams_.find(seen.stream);
  if (at == streams_.end()) {
    return out;
  }
  if (!seen.after) {
    if (const auto line = at->second.groups.find(seen.group); line != at->second.groups.end()) {
      first_of(line->second, seen.stream, 0, Head::of_ours, out);
      if (seen.claim) {
        first_to_claim(line->second, out);
      }
    }
    return out;
  }
  all_of(at->second.readers, out);
  return out;
}

std::vector<Waiting::Waiter*> Waiting::next_to_try(const Xreadgroup& request) {
  std::vector<Waiter*> out;
  for (const auto& source : request.sources) {
    const auto at = streams_.find(source.stream);
    if (at == streams_.end()) {
      continue;
    }
    if (const auto line = at->second.groups.find(request.group); line != at->second.groups.end()) {
      first_of(line->second, source.stream, 0, Head::of_all, out);
      if (request.claim) {
        first_to_claim(line->second, out);
      }
    }
  }
  return out;
}

std::vector<Sharing::Awaited> Waiting::awaited() const {
  // Among the readers of a stream, the one that has read least is ready first.
  std::map<std::string, Id> readers;
  std::set<std::tuple<std::string, std::string, std::int64_t, std::optional<Millis>>> groups;
  for (const auto& [client, waiter] : waiters_) {
    if (const auto* read = std::get_if<Xread>(&waiter.request)) {
      for (const auto& [stream, from] : read->sources) {
        const Id after = from.kind == Xread::From::Kind::after ? from.id : kMinId;
        const auto [at, fresh] = readers.emplace(stream, after);
        at->second = std::min(at->second, after);
      }
      continue;
    }
    const auto& group = std::get<Xreadgroup>(waiter.request);
    for (std::size_t i = 0; i < group.sources.size(); ++i) {
      groups.emplace(group.sources[i].stream, group.group, waiter.standing[i].fresh, group.claim);
    }
  }
  std::vector<Sharing::Awaited> out;
  out.reserve(readers.size() + groups.size());
  for (const auto& [stream, after] : readers) {
    out.push_back({stream, after});
  }
  for (const auto& [stream, group, line, claim] : groups) {
    out.push_back({stream, std::nullopt, group, line, claim});
  }
  return out;
}

std::optional<SteadyTime> Waiting::next_end() const {
  return ends_.empty() ? std::nullopt : std::optional(ends_.begin()->first);
}

std::vector<std::uint64_t> Waiting::take_ended(SteadyTime now) {
  std::vector<std::uint64_t> out;
  while (!ends_.empty() && ends_.begin()->first <= now) {
    out.push_back(ends_.begin()->second);
    ends_.erase(ends_.begin());
  }
  return out;
}

}  // namespace weir::server
