#include "copy/follow.h"

#include <algorithm>
#include <chrono>
#include <map>
#include <set>

#include "copy/follow_side.h"
#include "stream/receiving.h"
#include "stream/remote.h"

namespace weir::copy {
namespace {

using std::chrono::steady_clock;

constexpr const char* kConsumer = "copy";
constexpr Millis kBetweenLists{1000};  ///< how often streams that match a glob are looked for
constexpr std::uint64_t kPageBytes = 4 * 1024 * 1024;

bool is_glob(const std::string& name) {
  return name.find_first_of("*?[\\") != std::string::npos;
}

/// For a stream that was deleted, or renamed, while it was followed.
constexpr const char* kAnotherStream = "ERR no such key: another stream has its name";

/// Whether a stream or its group has vanished.
bool is_gone(const Error& error) {
  const auto begins = [&](std::string_view text) { return error.message.starts_with(text); };
  return error.failure == Failure::refused && (begins("NOGROUP") || begins("UNBLOCKED") || begins("ERR no such key") ||
                                               begins("ERR The XGROUP subcommand requires the key to exist"));
}

bool is_id_too_small(const Error& error) {
  return error.failure == Failure::refused && error.message.find("equal or smaller") != std::string::npos;
}

class Follower {
 public:
  Follower(const FollowEnd& from, const FollowEnd& to, const FollowOptions& options, const FollowEvents& events)
      : from_(from, events, options.interrupt), to_(to, events, -1), options_(options), events_(events) {}

  Result<void> run() {
    while (!events_.is_over()) {
      const auto turned = turn();
      if (turned || events_.is_over()) {
        continue;
      }
      streams_.clear();  // everything known about the streams is asked again
      listed_.reset();
      if (is_gone(turned.error())) {
        events_.rest(Millis(100));
        continue;
      }
      WEIR_TRY(asked_->bear(turned.error()));
    }
    return {};
  }

  const std::map<std::string, Followed>& followed() const { return followed_; }

 private:
  struct Stream {
    std::string name;
    std::string own_name;     ///< its name as a source
    std::string source;       ///< the same, and the group's: its name in the target's records
    std::optional<Id> place;  ///< the last entry that the target has
    bool clean = false;       ///< nothing was pending
  };

  /// Runs a step that needs the store of one side.
  template <typename Part>
  auto at(FollowSide& side, Part part) -> decltype(part(std::declval<Store&>())) {
    asked_ = &side;
    WEIR_ASSIGN(Store * store, side.store());
    return part(*store);
  }
  template <typename R>
  Result<typename R::Reply> ask(FollowSide& side, const R& request) {
    return at(side, [&](Store& store) { return store.run(request); });
  }

  Result<void> turn();
  Result<void> check_sides();
  Result<void> find_streams();
  Result<std::string> own_name(const std::string& stream) {
    return at(from_, [&](Store& store) { return dynamic_cast<Receiving&>(store).source_name(stream); });
  }
  Result<void> prepare(const std::string& name, bool make);
  Result<void> check_name(const Stream& stream);
  Result<void> check_place(const Stream& stream);
  Result<void> check_had_place(const Stream& stream);
  Result<void> refuse_place(const Stream& stream);
  Result<bool> was_given_some(const Stream& stream);
  Result<void> tell_lacking(Stream& stream);
  Result<void> read_new();
  Result<void> take_over(Stream& stream);
  Xreadgroup reading() const;
  void note_page(const std::vector<Entry>& page);
  Result<void> pass_on(Stream& stream, std::vector<Entry> entries);
  Result<void> add(Stream& stream, std::span<const Xadd> entries, std::span<const Id> places);
  Result<std::size_t> count_known(const Stream& stream, std::span<const Xadd> entries, std::span<const Id> places);

  FollowSide from_;
  FollowSide to_;
  const FollowOptions& options_;
  const FollowEvents& events_;
  FollowSide* asked_ = nullptr;  ///< the side that was asked last
  std::vector<Stream> streams_;
  std::optional<steady_clock::time_point> listed_;
  bool globs_ = false;
  std::uint64_t count_ = 256;  ///< entries in a page
  std::uint64_t copied_ = 0;
  std::map<std::string, Followed> followed_;
  std::set<std::string> lacking_;  ///< streams whose missing entries in the target were reported
};

Result<void> Follower::turn() {
  WEIR_TRY(find_streams());
  for (Stream& stream : streams_) {
    if (!stream.clean) {
      WEIR_TRY(take_over(stream));
    }
  }
  if (events_.is_over()) {
    return {};
  }
  if (streams_.empty()) {
    from_.note_success();
    events_.rest(kBetweenLists);
    return {};
  }
  to_.note_success();
  return read_new();
}

/// FROM and TO may be the same store; this is checked each time the stores were opened anew.
Result<void> Follower::check_sides() {
  WEIR_TRY(at(from_, [](Store& store) { return check_scripts(store); }));
  WEIR_TRY(at(to_, [](Store& store) { return check_scripts(store); }));
  WEIR_ASSIGN(const std::string here, at(from_, [](Store& store) { return store.identity(); }));
  WEIR_ASSIGN(const std::string there, at(to_, [](Store& store) { return store.identity(); }));
  return !here.empty() && here == there ? fail(Failure::usage, "FROM and TO are the same") : Result<void>();
}

Result<void> Follower::find_streams() {
  if (listed_ && (!globs_ || steady_clock::now() < *listed_ + kBetweenLists)) {
    return {};
  }
  if (!listed_) {
    WEIR_TRY(check_sides());
  }
  const std::vector<std::string> all{"*"};
  std::map<std::string, bool> names;  // whether the user named the stream
  for (const std::string& word : options_.streams.empty() ? all : options_.streams) {
    if (!is_glob(word)) {
      names[word] = true;
      continue;
    }
    globs_ = true;
    WEIR_ASSIGN(const Names found, ask(from_, Keys{word}));
    for (const std::string& name : found.names) {
      names.emplace(name, false);
    }
  }
  for (const Stream& stream : streams_) {
    names.erase(stream.name);
  }
  for (const auto& [name, named] : names) {
    WEIR_TRY(prepare(name, named));
  }
  listed_ = steady_clock::now();
  return {};
}

Result<void> Follower::prepare(const std::string& name, bool make) {
  XgroupCreate group;
  group.stream = name;
  group.group = options_.group;
  group.start = kMinId;
  group.make_stream = make;
  group.if_absent = true;
  auto known_as = own_name(name);
  if (!known_as && is_gone(known_as.error())) {
    if (!make) {
      return {};
    }
    WEIR_TRY(ask(from_, group));
    known_as = own_name(name);
  }
  WEIR_TRY(known_as);
  Stream stream{name, *known_as, {}, {}, false};
  stream.source = stream.own_name + " " + options_.group;
  WEIR_ASSIGN(stream.place,
              at(to_, [&](Store& store) { return dynamic_cast<Receiving&>(store).received(name, stream.source); }));
  group.start = stream.place.value_or(kMinId);
  WEIR_TRY(ask(from_, group));
  WEIR_TRY(check_place(stream));
  WEIR_TRY(tell_lacking(stream));
  streams_.push_back(std::move(stream));
  return {};
}

/// Another stream may have been renamed to the name.
Result<void> Follower::check_name(const Stream& stream) {
  WEIR_ASSIGN(const std::string now, own_name(stream.name));
  return now == stream.own_name ? Result<void>() : fail(Failure::refused, kAnotherStream);
}

/// The entries that the target has from this source must come from this very store. A file that was cloned or restored
/// has the name of another file that went on: its new entries would be taken for copied ones.
Result<void> Follower::check_place(const Stream& stream) {
  if (!stream.place) {
    return {};
  }
  const Id place = *stream.place;
  WEIR_ASSIGN(const GroupInfos infos, ask(from_, XinfoGroups{stream.name}));
  const auto group = std::ranges::find(infos.groups, options_.group, &GroupInfo::name);
  if (group == infos.groups.end() || place <= group->last_delivered_id) {
    return check_had_place(stream);
  }
  return refuse_place(stream);
}

/// The stream must have the last entry that the target has from it, or have had it.
Result<void> Follower::check_had_place(const Stream& stream) {
  const Id place = *stream.place;
  WEIR_ASSIGN(const Entries found, ask(from_, Xrange{stream.name, place, place, false, 1}));
  if (!found.entries.empty()) {
    return {};
  }
  WEIR_ASSIGN(const StreamInfo info, ask(from_, XinfoStream{stream.name}));
  const bool had = !info.first_entry || info.first_entry->id > place || info.max_deleted_id >= place;
  return had ? Result<void>() : refuse_place(stream);
}

Result<void> Follower::refuse_place(const Stream& stream) {
  WEIR_TRY(check_name(stream));
  return fail(Failure::refused,
              "'" + stream.name + "' was copied up to " + to_string(*stream.place) +
                  ", which its group here was never given: was FROM restored from a backup, or " +
                  (from_.is_server() ? "the stream replaced by another client?" : "cloned?"),
              "to go on after that ID: weir group setid STREAM GROUP " + to_string(*stream.place) +
                  "; to copy all that is here: another --group");
}

/// Whether a process that copies was ever given entries. A server before Redis 7.2 cannot tell: then, false.
Result<bool> Follower::was_given_some(const Stream& stream) {
  WEIR_ASSIGN(const ConsumerInfos infos, ask(from_, XinfoConsumers{stream.name, options_.group}));
  const auto copier = std::ranges::find(infos.consumers, kConsumer, &ConsumerInfo::name);
  return copier != infos.consumers.end() && copier->inactive.has_value();
}

/// If the target has lost entries that were acknowledged here, for instance because it was restored from a backup,
/// nobody would notice. But somebody may have acknowledged on purpose what could not be copied. So the copy reports it
/// and goes on.
Result<void> Follower::tell_lacking(Stream& stream) {
  if (lacking_.contains(stream.name)) {
    return {};
  }
  WEIR_ASSIGN(const GroupInfos infos, ask(from_, XinfoGroups{stream.name}));
  const auto group = std::ranges::find(infos.groups, options_.group, &GroupInfo::name);
  if (group == infos.groups.end() || group->last_delivered_id <= stream.place.value_or(kMinId)) {
    return {};
  }
  if (!stream.place) {
    WEIR_ASSIGN(const bool given, was_given_some(stream));
    if (!given) {
      return {};  // the group was made to begin there
    }
  }
  Xpending look;
  look.stream = stream.name;
  look.group = options_.group;
  look.count = 1;
  WEIR_ASSIGN(const PendingEntries pending, ask(from_, look));
  // Asked last, since another process that copies acknowledges only what the target has.
  WEIR_ASSIGN(stream.place, at(to_, [&](Store& store) {
                return dynamic_cast<Receiving&>(store).received(stream.name, stream.source);
              }));
  const Id last = group->last_delivered_id;
  const Id place = stream.place.value_or(kMinId);
  if (place >= last) {
    return {};
  }
  // Where the target has no place, the group may have begun anywhere: only the last entry is known to have been given.
  WEIR_ASSIGN(const Entries found, ask(from_, Xrange{stream.name, stream.place ? place : last, last, false, 2}));
  const auto lacking = std::ranges::find_if(found.entries, [&](const Entry& entry) { return entry.id > place; });
  if (lacking == found.entries.end() || (!pending.entries.empty() && pending.entries[0].id <= lacking->id)) {
    return {};
  }
  WEIR_ASSIGN(const Count there, ask(to_, Exists{{stream.name}}));
  if (!options_.new_ids && there.value > 0) {  // an earlier copy may have added these entries
    WEIR_ASSIGN(const StreamInfo info, ask(to_, XinfoStream{stream.name}));
    if (info.last_generated_id >= lacking->id) {
      return {};
    }
  }
  WEIR_TRY(check_name(stream));
  lacking_.insert(stream.name);
  events_.say(stream.place
                  ? "TO has '" + stream.name + "' up to " + to_string(place) + ", but " + to_string(lacking->id) +
                        " was acknowledged after it and is not copied again: was TO restored from a backup?"
                  : "TO has nothing that was copied from '" + stream.name + "', but " + to_string(lacking->id) +
                        " was acknowledged and is not copied again: was TO emptied, or the stream renamed?");
  return {};
}

/// From a file, a page is limited in bytes; from a server, by the number of entries that took so many bytes last time.
Xreadgroup Follower::reading() const {
  Xreadgroup read;
  read.group = options_.group;
  read.consumer = kConsumer;
  read.count = count_;
  if (!from_.is_server()) {
    read.limit.bytes = kPageBytes;
  }
  return read;
}

void Follower::note_page(const std::vector<Entry>& page) {
  constexpr std::uint64_t kMost = 10'000;
  std::uint64_t bytes = 1;
  for (const Entry& entry : page) {
    bytes += entry.fields ? entry.fields->json().size() : 0;
  }
  const std::uint64_t fitting = kPageBytes * page.size() / bytes;
  count_ = std::clamp<std::uint64_t>(fitting, 1, std::min(count_ * 2, kMost));
}

/// Passes on, in order, entries that were delivered to a process that copied before or copies now. An entry before them
/// that another consumer holds has to come first.
Result<void> Follower::take_over(Stream& stream) {
  while (!events_.is_over()) {
    Xpending look;
    look.stream = stream.name;
    look.group = options_.group;
    look.count = 1;
    WEIR_ASSIGN(const PendingEntries pending, ask(from_, look));
    if (pending.entries.empty()) {
      WEIR_TRY(check_name(stream));  // what another stream holds may be there by now, under another name
      stream.clean = true;
      return {};
    }
    Xreadgroup read = reading();
    read.sources.push_back({stream.name, kMinId});
    WEIR_ASSIGN(StreamEntries held, ask(from_, read));
    if (!held.empty() && !held[0].entries.empty() && held[0].entries[0].id <= pending.entries[0].id) {
      note_page(held[0].entries);
      WEIR_TRY(pass_on(stream, std::move(held[0].entries)));
      continue;
    }
    Xautoclaim claim;
    claim.stream = stream.name;
    claim.group = options_.group;
    claim.consumer = kConsumer;
    claim.just_id = true;
    WEIR_ASSIGN(const AutoClaimed claimed, ask(from_, claim));
    if (claimed.claimed.entries.empty() && claimed.deleted.empty()) {
      // The entry was acknowledged meanwhile, or nobody may take it over yet.
      events_.rest(Millis(100));
      return {};
    }
  }
  return {};
}

Result<void> Follower::read_new() {
  Xreadgroup read = reading();
  for (const Stream& stream : streams_) {
    if (stream.clean) {
      read.sources.push_back({stream.name, std::nullopt});
    }
  }
  if (read.sources.empty()) {
    return {};
  }
  read.count = std::max<std::uint64_t>(1, count_ / read.sources.size());
  if (!from_.is_lost()) {  // a source that failed has to answer first
    read.block = globs_ || read.sources.size() < streams_.size() ? kBetweenLists : Millis(0);
  }
  WEIR_ASSIGN(StreamEntries given, ask(from_, read));
  from_.note_success();
  for (Entries& entries : given) {
    const auto stream = std::ranges::find(streams_, entries.stream, &Stream::name);
    if (stream == streams_.end() || entries.entries.empty()) {
      continue;
    }
    note_page(entries.entries);
    if (from_.is_server() && stream->place && entries.entries.front().id <= *stream->place) {
      // Somebody has set the group back, or another client has renamed a stream to this name.
      WEIR_TRY(check_had_place(*stream));
    }
    // Another process that copies may hold entries that come before these.
    Xpending look;
    look.stream = stream->name;
    look.group = options_.group;
    look.count = 1;
    WEIR_ASSIGN(const PendingEntries pending, ask(from_, look));
    if (pending.entries.empty() || pending.entries[0].id != entries.entries[0].id) {
      stream->clean = false;
      continue;
    }
    WEIR_TRY(pass_on(*stream, std::move(entries.entries)));
  }
  return {};
}

/// Adds the entries to the target, and then acknowledges them. An entry deleted while it was pending has no fields.
/// If another stream was renamed to this name, the entries may be its own: `place` says nothing of these, and what is
/// pending under the same IDs now is not what was added. So the name is compared after the read, and again, in the same
/// step, when they are acknowledged.
Result<void> Follower::pass_on(Stream& stream, std::vector<Entry> entries) {
  WEIR_TRY(check_name(stream));
  std::vector<Xadd> adds;
  std::vector<Id> places;
  Xack done;
  done.stream = stream.name;
  done.group = options_.group;
  for (Entry& entry : entries) {
    done.ids.push_back(entry.id);
    if (!entry.fields || (stream.place && entry.id <= *stream.place)) {
      continue;
    }
    Xadd& add = adds.emplace_back();
    add.stream = stream.name;
    if (!options_.new_ids) {
      add.id = {NewId::Kind::exact, entry.id};
    }
    add.fields = std::move(*entry.fields);
    places.push_back(entry.id);
  }
  WEIR_TRY(add(stream, adds, places));
  WEIR_ASSIGN(const bool acknowledged, at(from_, [&](Store& store) {
                return dynamic_cast<Receiving&>(store).acknowledge_source(stream.own_name, done);
              }));
  return acknowledged ? Result<void>() : fail(Failure::refused, kAnotherStream);
}

Result<void> Follower::add(Stream& stream, std::span<const Xadd> entries, std::span<const Id> places) {
  while (!entries.empty()) {
    const auto received = at(to_, [&](Store& store) {
      return dynamic_cast<Receiving&>(store).receive(stream.source, stream.place, entries, places);
    });
    std::size_t there = 0;
    if (received) {
      to_.note_success();
      there = received->count;
      const bool as_added = there > 0 && received->place == places[there - 1];
      stream.place = received->place;
      if (!as_added) {
        WEIR_TRY(check_place(stream));  // another process has copied meanwhile
      }
      if (there > 0) {
        Followed& followed = followed_[stream.name];
        followed = {stream.name, followed.entries + there, places[there - 1]};
        events_.progress(copied_ += there);
      }
      while (there < entries.size() && stream.place && places[there] <= *stream.place) {
        ++there;
      }
    } else if (is_id_too_small(received.error()) && !options_.new_ids) {
      WEIR_ASSIGN(there, count_known(stream, entries, places));
      if (there == 0) {
        return fail(Failure::refused,
                    "entry " + to_string(places[0]) + " of '" + stream.name +
                        "' cannot be added: TO has others in this stream, with IDs that are not smaller",
                    "where several add to one stream, --new-ids gives entries the IDs of TO");
      }
    } else {
      return tl::unexpected<Error>(received.error());
    }
    entries = entries.subspan(there);
    places = places.subspan(there);
  }
  return {};
}

/// How many of the first entries the target already has under the same IDs, from an earlier copy.
Result<std::size_t> Follower::count_known(const Stream& stream, std::span<const Xadd> entries,
                                          std::span<const Id> places) {
  WEIR_ASSIGN(const Entries found, ask(to_, Xrange{stream.name, places.front(), places.back(), false, entries.size()}));
  std::size_t known = 0;
  for (const Entry& entry : found.entries) {
    if (known == entries.size() || entry.id < places[known]) {
      continue;
    }
    if (entry.id != places[known] || !entry.fields || entry.fields->pairs() != entries[known].fields.pairs()) {
      break;
    }
    ++known;
  }
  return known;
}

}  // namespace

Result<void> follow(const FollowEnd& from, const FollowEnd& to, const FollowOptions& options,
                    const FollowEvents& events, std::vector<Followed>& followed) {
  Follower follower(from, to, options, events);
  auto result = follower.run();
  for (const auto& [name, stream] : follower.followed()) {
    followed.push_back(stream);
  }
  return result;
}

}  // namespace weir::copy
