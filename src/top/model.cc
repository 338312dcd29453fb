#include "top/model.h"

#include <algorithm>
#include <unordered_set>

namespace weir::top {

std::optional<double> Rates::out_per_second(SteadyTime now) const {
  std::optional<double> all;
  for (const auto& [group, minute] : out) {
    if (const auto rate = minute.per_second(now)) {
      all = all.value_or(0) + *rate;
    }
  }
  return all;
}

void Model::take(FoundStreams found) {
  if (found.all) {
    streams_.clear();
    at_.clear();
    streams_.reserve(found.streams.size());
  }
  looked_ = looked_ || found.all;
  std::unordered_set<std::string> there;
  for (SeenStream& stream : found.streams) {
    if (!found.all) {
      there.insert(stream.queue.name);
    }
    keep(std::move(stream));
  }
  if (found.all) {
    std::erase_if(rates_, [&](const auto& each) { return !at_.contains(each.first); });
    return;
  }
  for (const std::string& name : found.asked) {
    if (!there.contains(name)) {
      drop(name);
    }
  }
}

void Model::take(FoundPlace found) {
  // The place's stream may not match the pattern of the streams that are shown.
  if (found.stream) {
    if (const auto at = at_.find(found.stream->queue.name); at != at_.end()) {
      keep(*found.stream);
    } else {
      note_rates(*found.stream);
    }
  }
  place_ = std::move(found);
}

void Model::keep(SeenStream stream) {
  note_rates(stream);
  const auto [at, is_new] = at_.try_emplace(stream.queue.name, streams_.size());
  if (is_new) {
    streams_.push_back(std::move(stream));
  } else {
    streams_[at->second] = std::move(stream);
  }
}

void Model::drop(const std::string& name) {
  const auto at = at_.find(name);
  if (at == at_.end()) {
    return;
  }
  const std::size_t index = at->second;
  at_.erase(at);
  rates_.erase(name);
  if (index + 1 < streams_.size()) {
    streams_[index] = std::move(streams_.back());
    at_[streams_[index].queue.name] = index;
  }
  streams_.pop_back();
}

void Model::note_rates(const SeenStream& stream) {
  Rates& rates = rates_[stream.queue.name];
  rates.in.note(stream.queue.added, stream.seen);
  const auto& groups = stream.queue.groups;
  for (const report::GroupQueue& group : groups) {
    const std::uint64_t open = group.waiting.value_or(0) + group.pending;
    if (group.waiting && open <= stream.queue.added) {
      rates.out[group.name].note(stream.queue.added - open, stream.seen);
    }
  }
  if (rates.out.size() > groups.size()) {
    std::erase_if(rates.out, [&](const auto& each) {
      return std::ranges::none_of(groups, [&](const report::GroupQueue& group) { return group.name == each.first; });
    });
  }
}

const SeenStream* Model::stream(const std::string& name) const {
  const auto at = at_.find(name);
  return at == at_.end() ? nullptr : &streams_[at->second];
}

const Rates* Model::rates(const std::string& stream) const {
  const auto at = rates_.find(stream);
  return at == rates_.end() ? nullptr : &at->second;
}

}  // namespace weir::top
