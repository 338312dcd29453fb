#include "worker/dead.h"

#include "io/write.h"
#include "util/clock.h"
#include "util/process_name.h"
#include "worker/dead_letter.h"
#include "worker/template.h"

namespace weir {
namespace {

using Print = std::function<void(std::string_view)>;

/// A group on the stream of dead letters. Who requeues one claims it there first: of two at once, one loses.
constexpr const char* kRequeueGroup = "weir.requeue";

constexpr std::uint64_t kPage = 100;

std::string age_of(Id id) {
  const auto now = static_cast<std::uint64_t>(unix_now().count());
  const std::uint64_t seconds = id.ms < now ? (now - id.ms) / 1000 : 0;
  constexpr std::uint64_t kMinute = 60;
  constexpr std::uint64_t kHour = 60 * kMinute;
  constexpr std::uint64_t kDay = 24 * kHour;
  if (seconds >= 2 * kDay) {
    return std::to_string(seconds / kDay) + "d";
  }
  if (seconds >= 2 * kHour) {
    return std::to_string(seconds / kHour) + "h";
  }
  return seconds >= 2 * kMinute ? std::to_string(seconds / kMinute) + "m" : std::to_string(seconds) + "s";
}

void add_member(std::string& out, std::string_view name, std::string_view value) {
  out += out.empty() ? "{" : ",";
  append_json_value(out, name);
  out += ':';
  append_json_value(out, value);
}

std::string summary_line(Id id, const DeadLetter& letter) {
  std::string line;
  add_member(line, "id", to_string(id));
  add_member(line, "message", to_string(letter.id));
  add_member(line, "stream", letter.stream);
  add_member(line, "group", letter.death.group);
  add_member(line, "reason", letter.death.reason);
  line += ",\"deliveries\":" + std::to_string(letter.death.deliveries);
  add_member(line, "age", age_of(id));
  return line + "}\n";
}

class Dead {
 public:
  Dead(Store& store, const DeadOptions& options, const Print& print)
      : store_(store),
        options_(options),
        print_(print),
        stream_(dead_letter_stream(options.stream, options.dead_letter)),
        who_(process_name()) {}

  Result<int> run() {
    if (options_.action == DeadOptions::Action::requeue) {
      WEIR_ASSIGN(const Count there, store_.run(Exists{{stream_}}));
      if (there.value == 0) {
        return 1;
      }
      XgroupCreate create;
      create.stream = stream_;
      create.group = kRequeueGroup;
      create.start = kMinId;
      create.if_absent = true;
      WEIR_TRY(store_.run(create));
    }
    WEIR_TRY(options_.ids.empty() ? each_in_stream() : each_by_id());
    if (options_.action == DeadOptions::Action::purge && done_ > 0) {
      print_(std::to_string(done_) + "\n");
    }
    return done_ > 0 ? 0 : 1;
  }

 private:
  Result<void> each_by_id() {
    for (const Id id : options_.ids) {
      Xrange range;
      range.stream = stream_;
      range.first = id;
      range.last = id;
      WEIR_ASSIGN(const Entries found, store_.run(range));
      for (const Entry& entry : found.entries) {
        WEIR_TRY(deal_with(entry));
      }
    }
    return {};
  }

  /// Up to the last that is there now: a message that dies again meanwhile is not put back again.
  Result<void> each_in_stream() {
    Xrange last;
    last.stream = stream_;
    last.reverse = true;
    last.count = 1;
    WEIR_ASSIGN(const Entries end, store_.run(last));
    if (end.entries.empty()) {
      return {};
    }
    Xrange page;
    page.stream = stream_;
    page.last = end.entries.front().id;
    page.count = kPage;
    while (true) {
      WEIR_ASSIGN(const Entries found, store_.run(page));
      for (const Entry& entry : found.entries) {
        WEIR_TRY(deal_with(entry));
      }
      if (found.entries.size() < kPage) {
        return {};
      }
      const auto next = next_id(found.entries.back().id);
      if (!next) {
        return {};
      }
      page.first = *next;
    }
  }

  bool meant(const Entry& entry) const {
    if (!options_.where) {
      return true;
    }
    const std::vector<Field> pairs = entry.fields->pairs();
    const std::string* value = find_field(pairs, options_.where->name);
    return value != nullptr && *value == options_.where->value;
  }

  Result<void> deal_with(const Entry& entry) {
    if (!entry.fields || !meant(entry)) {
      return {};
    }
    if (options_.action == DeadOptions::Action::purge) {
      WEIR_ASSIGN(const Count gone, store_.run(Xdel{stream_, {entry.id}}));
      done_ += gone.value;
      return {};
    }
    if (options_.action == DeadOptions::Action::show) {
      std::string line;
      write_entry_line(line, stream_, entry);
      print_(line);
      ++done_;
      return {};
    }
    const auto letter = read_dead_letter(*entry.fields);
    if (!letter) {
      return fail(Failure::refused, "entry " + to_string(entry.id) + " of " + stream_ + " is no dead letter");
    }
    if (options_.action == DeadOptions::Action::ls) {
      print_(summary_line(entry.id, *letter));
      ++done_;
      return {};
    }
    return requeue(entry.id, *letter);
  }

  Result<void> requeue(Id id, const DeadLetter& letter) {
    Xclaim mine;
    mine.stream = stream_;
    mine.group = kRequeueGroup;
    mine.consumer = who_;
    mine.ids = {id};
    mine.force = true;
    mine.just_id = true;
    WEIR_TRY(store_.run(mine));
    Xack still_mine;
    still_mine.stream = stream_;
    still_mine.group = kRequeueGroup;
    still_mine.ids = {id};
    still_mine.owner = who_;
    still_mine.all_or_none = true;
    Xadd back;
    back.stream = letter.stream;
    back.fields = requeued_fields(letter);
    std::vector<Request> requests = {back, still_mine, Xdel{stream_, {id}}};
    if (!store_.fits(requests)) {
      // A message of thousands of fields on a server: it is put back first, so that nothing can be lost in between.
      WEIR_ASSIGN(const MaybeId new_id, store_.run(back));
      print_(to_string(new_id.value_or(kMinId)) + "\n");
      ++done_;
      requests.erase(requests.begin());
    }
    WEIR_ASSIGN(const auto replies, store_.transact(requests, Store::OnRefusal::undo));
    if (!replies.back()) {
      const Error& refusal = replies.back().error();
      if (refusal.message.starts_with("NOTOWNED ")) {
        return {};  // somebody else has just put it back
      }
      return fail(
          refusal.failure, refusal.message,
          "dead letter " + to_string(id) + " stays where it is: " + letter.stream + " does not take the message");
    }
    if (const auto* new_id = std::get_if<MaybeId>(&*replies[0])) {
      print_(to_string(new_id->value_or(kMinId)) + "\n");
      ++done_;
    }
    return {};
  }

  Store& store_;
  const DeadOptions& options_;
  const Print& print_;
  std::string stream_;
  std::string who_;
  std::uint64_t done_ = 0;
};

}  // namespace

Result<int> run_dead(Store& store, const DeadOptions& options, const Print& print) {
  return Dead(store, options, print).run();
}

}  // namespace weir
