// How units are done: see unit.h.
#include <algorithm>
#include <iterator>
#include <new>

#include "command/doubtful.h"
#include "server/administration.h"
#include "server/unit.h"
#include "stream/sharing.h"
#include "system/socket.h"

namespace weir::server {
namespace {

/// Answers of a unit are collected up to here; the rest of it waits until they have been taken.
constexpr std::size_t kMuch = std::size_t{4} * 1024 * 1024;

template <typename T>
const T* request_of(const Ask& ask) {
  const auto* request = std::get_if<Request>(&ask.what);
  return request == nullptr ? nullptr : std::get_if<T>(request);
}

bool is_empty_read(const Result<Reply>& reply) {
  const auto* streams = reply ? std::get_if<StreamEntries>(&*reply) : nullptr;
  return streams != nullptr && streams->empty();
}

/// Whether it may be for its limits, or for the bound of an answer, that there is no more.
bool is_full(const Xreadgroup& request, const StreamEntries& found, std::size_t most) {
  std::size_t bytes = 0;
  for (const Entries& each : found) {
    for (const Entry& entry : each.entries) {
      bytes += entry.fields ? entry.fields->json().size() : 0;
    }
  }
  return request.limit.any() || bytes > most / 2 || std::ranges::any_of(found, [&](const Entries& each) {
           return request.count && each.entries.size() >= *request.count;
         });
}

/// Some units on a store.
class Work {
 public:
  Work(const SharedStore& shared, std::span<Unit* const> units)
      : store_(shared.store), sharing_(shared.sharing), units_(units) {}

  /// Fails where the store does; then all of it is to be forgotten.
  Result<void> run() {
    for (Unit* unit : units_) {
      WEIR_TRY(run(*unit));
    }
    return finish_additions();
  }

 private:
  Result<void> run(Unit& unit) {
    if ((unit.gone && *unit.gone) || (unit.fd >= 0 && other_end_has_closed(unit.fd))) {
      unit.done = unit.asks.size();
      unit.nothing = unit.closed = true;
      return {};
    }
    for (Ask& ask : std::span(unit.asks).subspan(unit.done)) {
      if (unit.out.size() > kMuch) {
        return {};
      }
      unit.answered = unit.out.size();
      sharing_.bound_answers(unit.most_out);
      const bool last = &ask == &unit.asks.back();
      WEIR_TRY(run(unit, ask, last));
      ++unit.done;
    }
    return {};
  }

  Result<void> run(Unit& unit, Ask& ask, bool last) {
    if (const auto* request = request_of<Xadd>(ask)) {
      return add(unit, ask, *request);
    }
    WEIR_TRY(finish_additions());
    begun_ = std::chrono::steady_clock::now();
    if (const auto* bytes = std::get_if<Bytes>(&ask.what)) {
      unit.out += bytes->bytes;
      return {};
    }
    if (auto* request = std::get_if<Request>(&ask.what)) {
      if (auto* read = std::get_if<Xread>(request); read != nullptr && ask.block) {
        WEIR_TRY(sharing_.fix_starts(*read));
      }
      const auto* group = std::get_if<Xreadgroup>(request);
      const bool in_line = group != nullptr && (ask.block || unit.is_try);
      const auto reply = in_line ? read_in_turn(unit, *group) : store_.execute(*request);
      if (last && (ask.block || unit.is_try) && is_empty_read(reply)) {
        unit.nothing = true;
        return {};
      }
      return answer(unit, ask, reply);
    }
    if (const auto* doubtful = std::get_if<command::Doubtful>(&ask.what)) {
      return answer(unit, ask, command::settle(store_, *doubtful));
    }
    if (const auto* exec = std::get_if<Exec>(&ask.what)) {
      return run(unit, ask, *exec);
    }
    if (const auto* count = std::get_if<CountStreams>(&ask.what)) {
      return answer_count(unit, ask, *count);
    }
    if (const auto* measure = std::get_if<Measure>(&ask.what)) {
      return answer_size(unit, ask, store_.size(measure->stream));
    }
    for (const std::string& stream : std::get<Watch>(ask.what).streams) {
      WEIR_ASSIGN(std::string state, sharing_.state_of(stream));
      unit.watched.push_back({stream, std::move(state)});
    }
    return answer(unit, ask, Reply(Ok{}));
  }

  Result<Reply> read_in_turn(Unit& unit, const Xreadgroup& request) {
    unit.full = true;  // who stands behind it is to hear of a failure, too
    WEIR_ASSIGN(Sharing::TurnToRead turn, sharing_.read_in_turn(request, unit.standing));
    unit.stands = std::move(turn.standing);
    unit.left = turn.left;
    unit.full = is_full(request, turn.found, unit.most_out);
    return Reply(std::move(turn.found));
  }

  Result<void> run(Unit& unit, const Ask& ask, const Exec& exec) {
    for (const Watched& watched : exec.watched) {
      WEIR_ASSIGN(const std::string state, sharing_.state_of(watched.stream));
      if (state != watched.state) {
        if (ask.replies) {
          Client::writer(unit.out, unit.protocol)->nil_array();
        }
        unit.ran.push_back({ask.command, false, time_taken()});
        return {};
      }
    }
    WEIR_ASSIGN(auto replies, store_.transact(exec.transaction.requests(), Store::OnRefusal::go_on));
    std::vector<Result<Reply>> answers = exec.transaction.answers(std::move(replies));
    note_all(unit, ask, exec, answers);
    if (!ask.replies) {
      return {};
    }
    if (!exec.own.empty()) {
      unit.exec = std::move(answers);
      return {};
    }
    Client::writer(unit.out, unit.protocol)->array(answers.size());
    for (std::size_t i = 0; i < answers.size(); ++i) {
      const auto shape = exec.shapes.find(i);
      write_reply(unit.out, unit.protocol, answers[i], shape == exec.shapes.end() ? Shape::as_it_is : shape->second);
    }
    return {};
  }

  // Additions that follow each other are done as one, and answered in their places afterwards.
  Result<void> add(Unit& unit, const Ask& ask, const Xadd& addition) {
    constexpr std::size_t kTogether = 4096;
    additions_.push_back(addition);
    added_.push_back({&unit, ask.replies, ask.command});
    return additions_.size() < kTogether ? Result<void>() : finish_additions();
  }

  Result<void> finish_additions() {
    std::span<const Xadd> left = additions_;
    auto to = added_.begin();
    while (!left.empty()) {
      begun_ = std::chrono::steady_clock::now();
      WEIR_ASSIGN(const Store::AddAnswers answers, store_.append(left));
      const auto share = time_taken() / static_cast<std::int64_t>(answers.size());
      for (const Result<MaybeId>& id : answers) {
        if (!id && id.error().failure == Failure::store) {
          return tl::unexpected<Error>(id.error());
        }
        if (to->replies) {
          write_reply(to->unit->out, to->unit->protocol, id ? Result<Reply>(Reply(*id)) : tl::unexpected(id.error()),
                      Shape::as_it_is);
        }
        to->unit->ran.push_back({to->command, !id, share});
        ++to;
      }
      left = left.subspan(answers.size());
    }
    additions_.clear();
    added_.clear();
    return {};
  }

  /// EXEC and what stood in it, but for what the server answers itself.
  void note_all(Unit& unit, const Ask& ask, const Exec& exec, const std::vector<Result<Reply>>& answers) {
    const auto took = time_taken();
    for (std::size_t i = 0; i < answers.size(); ++i) {
      if (!exec.own.contains(i)) {
        unit.ran.push_back({exec.commands[i], !answers[i], took / static_cast<std::int64_t>(answers.size())});
      }
    }
    unit.ran.push_back({ask.command, false, took});
  }

  std::chrono::nanoseconds time_taken() const { return std::chrono::steady_clock::now() - begun_; }

  Result<void> answer(Unit& unit, const Ask& ask, const Result<Reply>& reply) {
    if (!reply && reply.error().failure == Failure::store) {
      return tl::unexpected<Error>(reply.error());
    }
    if (ask.replies) {
      write_reply(unit.out, unit.protocol, reply, ask.shape);
    }
    unit.ran.push_back({ask.command, !reply, time_taken()});
    return {};
  }

  Result<void> answer_count(Unit& unit, const Ask& ask, const CountStreams& count) {
    WEIR_ASSIGN(const std::uint64_t streams, sharing_.count_streams());
    unit.ran.push_back({ask.command, false, time_taken()});
    if (!ask.replies) {
      return {};
    }
    const auto writer = Client::writer(unit.out, unit.protocol);
    if (!count.info) {
      writer->integer(static_cast<std::int64_t>(streams));
      return {};
    }
    std::string text = *count.info;
    append_keyspace(text, streams);
    writer->text(text);
    return {};
  }

  Result<void> answer_size(Unit& unit, const Ask& ask, const Result<std::uint64_t>& size) {
    if (!size && size.error().failure == Failure::store) {
      return tl::unexpected<Error>(size.error());
    }
    unit.ran.push_back({ask.command, !size, time_taken()});
    if (ask.replies) {
      const auto writer = Client::writer(unit.out, unit.protocol);
      size ? writer->integer(static_cast<std::int64_t>(*size)) : writer->nil();
    }
    return {};
  }

  struct Added {
    Unit* unit;
    bool replies;
    std::string_view command;
  };
  Store& store_;
  Sharing& sharing_;
  std::span<Unit* const> units_;
  std::vector<Xadd> additions_;
  std::vector<Added> added_;
  SteadyTime begun_;  ///< what is done now
};

/// As it was before anything of it was done.
struct Before {
  std::size_t done;
  std::size_t size;
  std::size_t ran;
};

void undo(Unit& unit, const Before& before) {
  unit.done = before.done;
  unit.out.resize(before.size);
  unit.ran.resize(before.ran);
  unit.nothing = unit.left = unit.full = false;
  unit.stands.clear();
  unit.watched.clear();
  unit.exec.reset();
}

void note_failed(Unit& unit, const Ask& ask) {
  if (!std::holds_alternative<Bytes>(ask.what)) {
    unit.ran.push_back({ask.command, true});
  }
}

void note_lost(Unit& unit, const Error& error) {
  if (error.cause == Cause::lasting) {
    unit.lost = error;
  }
}

/// Everything that is left of it is answered so.
void fail_all(Unit& unit, const Error& error) {
  note_lost(unit, error);
  for (; unit.done < unit.asks.size(); ++unit.done) {
    const Ask& ask = unit.asks[unit.done];
    if (const auto* bytes = std::get_if<Bytes>(&ask.what)) {
      unit.out += bytes->bytes;
    } else if (ask.replies) {
      write_reply(unit.out, unit.protocol, tl::unexpected(error), Shape::as_it_is);
    }
    note_failed(unit, ask);
  }
}

Error no_memory() {
  return {Failure::store, "OOM the server has no memory for this"};
}

/// A failure of the store, and whether it may be that of one ask alone, and nothing was done: then the others are done
/// without it. What could not be begun is as it is for all of them.
struct Failed {
  Error error;
  bool may_be_of_one;
};

enum class Begin { in_turn, at_once };

struct Attempt {
  bool begun = true;
  std::optional<Failed> failed = {};
};

Attempt attempt(const SharedStore& store, std::span<Unit* const> units, Begin begin) {
  bool works = false;
  const auto work = [&]() -> Result<void> {
    works = true;
    WEIR_TRY(Work(store, units).run());
    works = false;
    return {};
  };
  try {
    if (begin == Begin::at_once) {
      const auto done = store.sharing.together_at_once(work);
      return done ? Attempt{*done} : Attempt{true, Failed{done.error(), works}};
    }
    const auto done = store.sharing.together(work);
    return done ? Attempt{} : Attempt{true, Failed{done.error(), works}};
  } catch (const std::bad_alloc&) {
    return {true, Failed{no_memory(), works}};
  }
}

bool do_units(const SharedStore& store, std::span<Unit* const> units, Begin begin);

/// Does the rest of a unit one after the other, so that what can be done is.
void do_apart(const SharedStore& store, Unit& unit) {
  std::vector<Ask> asks = std::move(unit.asks);
  unit.asks.clear();
  for (std::size_t i = unit.done; i < asks.size(); ++i) {
    Unit one;
    one.protocol = unit.protocol;
    one.most_out = unit.most_out;
    one.asks.push_back(std::move(asks[i]));
    Unit* only = &one;
    do_units(store, std::span(&only, 1), Begin::in_turn);
    unit.out += one.out;
    std::ranges::move(one.ran, std::back_inserter(unit.ran));
    unit.nothing = one.nothing;
    unit.stands = std::move(one.stands);
    unit.left = one.left;
    unit.exec = std::move(one.exec);
    unit.lost = std::move(one.lost);
    asks[i] = std::move(one.asks[0]);
  }
  unit.asks = std::move(asks);
  unit.done = unit.asks.size();
}

bool do_units(const SharedStore& store, std::span<Unit* const> units, Begin begin) {
  std::vector<Before> before;
  before.reserve(units.size());
  for (const Unit* unit : units) {
    before.push_back({unit->done, unit->out.size(), unit->ran.size()});
  }
  Attempt attempted = attempt(store, units, begin);
  const auto undo_all = [&] {
    for (std::size_t i = 0; i < units.size(); ++i) {
      undo(*units[i], before[i]);
    }
  };
  if (attempted.failed && attempted.failed->error.cause == Cause::no_room && store.sharing.make_room()) {
    undo_all();
    attempted = attempt(store, units, begin);
  }
  if (!attempted.failed) {
    return attempted.begun;
  }
  undo_all();
  if (begin == Begin::at_once && attempted.failed->may_be_of_one && (units.size() > 1 || units[0]->asks.size() > 1)) {
    return false;
  }
  if (attempted.failed->may_be_of_one && units.size() > 1) {
    for (Unit* unit : units) {
      do_units(store, std::span(&unit, 1), Begin::in_turn);
    }
  } else if (attempted.failed->may_be_of_one && units[0]->asks.size() - units[0]->done > 1) {
    do_apart(store, *units[0]);
  } else {
    for (Unit* unit : units) {
      fail_all(*unit, attempted.failed->error);
    }
  }
  return true;
}

}  // namespace

void do_together(const SharedStore& store, std::span<Unit* const> units) {
  do_units(store, units, Begin::in_turn);
}

bool do_at_once(const SharedStore& store, std::span<Unit* const> units) {
  return do_units(store, units, Begin::at_once);
}

void do_looks(const SharedStore& store, Unit& unit) {
  Unit* only = &unit;
  while (unit.done < unit.asks.size()) {
    std::optional<Error> failed;
    try {
      if (auto done = Work(store, std::span(&only, 1)).run(); !done) {
        failed = done.error();
      }
    } catch (const std::bad_alloc&) {
      failed = no_memory();
    }
    if (!failed) {
      return;
    }
    note_lost(unit, *failed);
    unit.out.resize(unit.answered);
    if (unit.asks[unit.done].replies) {
      write_reply(unit.out, unit.protocol, tl::unexpected(*failed), Shape::as_it_is);
    }
    note_failed(unit, unit.asks[unit.done]);
    ++unit.done;
  }
}

}  // namespace weir::server
