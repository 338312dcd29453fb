#include "server/waiting.h"

#include <algorithm>
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

void Waiting::add(std::uint64_t client, Request request, SteadyTime until) {
  changed_ = changed_ || changes_awaited(request);
  const std::uint64_t place = ++last_place_;
  each_line(streams_, request, [&](Line& line) { line.emplace(place, client); });
  if (until != SteadyTime::max()) {
    ends_.emplace(until, client);
  }
  waiters_.emplace(client, Waiter{.client = client, .request = std::move(request), .until = until, .place = place});
}

/// Most come to a group where others wait, or leave it to them.
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

void Waiting::first_of(const Line& line, std::size_t count, std::vector<Waiter*>& out) {
  std::size_t left = std::max<std::size_t>(count, 1);
  for (const auto& [place, client] : line) {
    Waiter& waiter = waiters_.at(client);
    if (waiter.trying) {
      waiter.again = true;
      if (count == 0) {
        return;  // it will tell whether there is more
      }
      continue;
    }
    waiter.trying = true;
    waiter.again = false;
    waiter.more = count == 0;
    out.push_back(&waiter);
    if (--left == 0) {
      return;
    }
  }
}

/// Those ahead in the line may not take what is pending: so of each idle time that is asked for, the first tries.
void Waiting::first_to_claim(const Line& line, std::vector<Waiter*>& out) {
  std::set<Millis> times;
  for (const auto& [place, client] : line) {
    Waiter& waiter = waiters_.at(client);
    const auto& claim = std::get<Xreadgroup>(waiter.request).claim;
    if (!claim || !times.insert(*claim).second) {
      continue;
    }
    waiter.again = waiter.trying;
    waiter.more = true;
    if (!std::exchange(waiter.trying, true)) {
      out.push_back(&waiter);
    }
  }
}

std::vector<Waiting::Waiter*> Waiting::to_try(const std::string& stream, std::size_t count) {
  std::vector<Waiter*> out;
  if (const auto at = streams_.find(stream); at != streams_.end()) {
    all_of(at->second.readers, out);
    for (const auto& [group, line] : at->second.groups) {
      first_of(line, count, out);
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
      first_of(line->second, 0, out);
      if (seen.claim) {
        first_to_claim(line->second, out);
      }
    }
    return out;
  }
  all_of(at->second.readers, out);
  return out;
}

std::vector<Sharing::Awaited> Waiting::awaited() const {
  // Of those who read a stream the one that has read least is ready first; of those who claim, the one that asks for
  // the shortest time.
  std::map<std::string, Id> readers;
  std::map<std::pair<std::string, std::string>, std::optional<Millis>> groups;
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
    for (const auto& source : group.sources) {
      const auto [at, fresh] = groups.emplace(std::pair(source.stream, group.group), group.claim);
      if (group.claim) {
        at->second = std::min(at->second.value_or(*group.claim), *group.claim);
      }
    }
  }
  std::vector<Sharing::Awaited> out;
  out.reserve(readers.size() + groups.size());
  for (const auto& [stream, after] : readers) {
    out.push_back({stream, after});
  }
  for (const auto& [at, claim] : groups) {
    out.push_back({at.first, std::nullopt, at.second, claim});
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
