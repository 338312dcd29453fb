// Runs units one after the other.
#include "server/work.h"

#include <algorithm>
#include <map>
#include <set>
#include <utility>

#include "command/doubtful.h"
#include "server/administration.h"
#include "stream/sharing.h"
#include "system/socket.h"

namespace weir::server {
namespace {

/// When a unit's answers are larger than this, the rest of the unit waits until the client has taken them.
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

/// Whether the read may have stopped at one of its limits, or at the bound of an answer.
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

/// A run of some units on a store.
class Work {
 public:
  Work(const SharedStore& shared, std::span<Unit* const> units)
      : store_(shared.store), sharing_(shared.sharing), lines_(shared.lines), units_(units) {}

  /// Fails if the store fails; then everything that was done is to be undone.
  Result<void> run() {
    for (Unit* unit : units_) {
      if (unit->is_try) {
        tried_.push_back({unit, kNeverTried, kNeverTried});
        WEIR_TRY(finish_additions());
        WEIR_TRY(try_all());
      } else {
        WEIR_TRY(run(*unit));
      }
    }
    WEIR_TRY(finish_additions());
    for (const Tried& each : tried_) {
      each.unit->closed = each.unit->closed || each.changes != changes_;
    }
    return {};
  }

 private:
  Result<void> run(Unit& unit) {
    if ((unit.gone && *unit.gone) || (unit.fd >= 0 && other_end_has_closed(unit.fd))) {
      unit.done = unit.asks.size();
      unit.nothing = unit.closed = true;
      return {};
    }
    auto next = unit.tries.begin();
    for (Ask& ask : std::span(unit.asks).subspan(unit.done)) {
      if (unit.out.size() > kMuch) {
        return {};
      }
      WEIR_TRY(run_tries(unit, next));
      unit.answered = unit.out.size();
      sharing_.bound_answers(unit.most_out);
      const bool last = &ask == &unit.asks.back();
      WEIR_TRY(run(unit, ask, last));
      ++unit.done;
    }
    return run_tries(unit, next);
  }

  /// Runs the tries that come before the unit's next ask.
  Result<void> run_tries(const Unit& unit, std::vector<Try>::iterator& next) {
    for (; next != unit.tries.end() && next->before <= unit.done; ++next) {
      if (next->unit) {
        tried_.push_back({next->unit.get()});
      }
      if (!tried_.empty()) {
        WEIR_TRY(finish_additions());
        WEIR_TRY(try_all());
      }
    }
    return {};
  }

  /// Runs the tries in their order. A client that found nothing tries again after later changes: an entry that was
  /// meant for it may have been refused.
  Result<void> try_all() {
    using Lines = std::set<std::int64_t>;
    Lines passed;  // lines in which a client before got something
    Lines ended;   // lines in which a client before got nothing: nobody behind it may have a new message
    const auto is_in = [](const Unit& one, const Lines& lines) {
      return std::ranges::any_of(one.standing, [&](const auto& each) { return lines.contains(each.fresh); });
    };
    const auto note = [](const Unit& one, Lines& lines) {
      std::ranges::for_each(one.standing, [&](const auto& each) { lines.insert(each.fresh); });
    };
    std::vector<Tried> left;
    for (Tried& each : tried_) {
      Unit& one = *each.unit;
      if (is_in(one, vain_) || !begin(one)) {
        continue;
      }
      one.claims_only = is_in(one, ended) || (one.behind && *one.behind != TryState::served);
      if (each.changes != changes_ && (!one.claims_only || one.claims_first)) {
        WEIR_TRY(try_once(one));
        *one.state = one.nothing ? TryState::nothing : TryState::served;
        if (!one.nothing || one.closed) {
          note(one, passed);
          continue;
        }
        each.times += is_in(one, passed) || each.additions == additions_done_ ? 0 : 1;
        each.changes = changes_;
        each.additions = additions_done_;
      }
      note(one, ended);
      if (each.times < kOften) {
        left.push_back(each);
      } else {
        note(one, vain_);
      }
    }
    tried_ = std::move(left);
    return {};
  }

  /// False: the client does not wait any more, or the answers of readers are many: the rest of them is read apart.
  bool begin(const Unit& one) const {
    if (request_of<Xread>(one.asks[0]) != nullptr && bytes_of_readers_ > kMuch) {
      return false;
    }
    auto state = TryState::placed;
    return one.state->compare_exchange_strong(state, TryState::begun) || state != TryState::revoked;
  }

  Result<void> try_once(Unit& one) {
    one.done = 0;
    one.nothing = one.left = one.full = false;
    one.stands.clear();
    if (is_the_same_read(one)) {
      one.out = last_read_->out;
      one.ran = last_read_->ran;
      one.nothing = last_read_->nothing;
      one.done = last_read_->done;
    } else {
      WEIR_TRY(run(one));
    }
    if (request_of<Xread>(one.asks[0]) != nullptr && !one.closed) {
      last_read_ = &one;
      bytes_of_readers_ += one.out.size();
    }
    return {};
  }

  /// Whether the answer is the same as that of the last try: many clients may wait with the same read.
  bool is_the_same_read(const Unit& one) const {
    const auto* read = request_of<Xread>(one.asks[0]);
    return read != nullptr && last_read_ != nullptr && last_read_->protocol == one.protocol &&
           last_read_->asks[0].replies == one.asks[0].replies && *request_of<Xread>(last_read_->asks[0]) == *read;
  }

  Result<void> run(Unit& unit, Ask& ask, bool last) {
    if (!unit.is_try) {
      last_read_ = nullptr;
    }
    if (const auto* request = request_of<Xadd>(ask)) {
      return add(unit, ask, *request);
    }
    WEIR_TRY(finish_additions());
    changes_ += !unit.is_try && kind_of(ask) == Kind::writes ? 1 : 0;
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
    unit.full = true;  // if the read fails, the clients behind this one have to try as well
    std::vector<Sharing::Standing> standing = unit.standing;
    for (Sharing::Standing& each : standing) {
      each.fresh_is_ours = each.fresh_is_ours && !unit.claims_only;
    }
    WEIR_ASSIGN(Sharing::TurnToRead turn, sharing_.read_in_turn(request, standing, lines_));
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

  // Successive XADDs are done as one, and afterwards answered in their order.
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
        changes_ += id && *id ? 1 : 0;
        additions_done_ += id && *id ? 1 : 0;
        ++to;
      }
      left = left.subspan(answers.size());
    }
    additions_.clear();
    added_.clear();
    return {};
  }

  /// Counts EXEC and the commands in it, except those that the server answers itself.
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

  /// How often a client is tried in vain. A paused group has nothing for anybody, however often a client looks.
  static constexpr int kOften = 16;
  static constexpr auto kNeverTried = ~std::uint64_t{0};
  struct Tried {
    Unit* unit;
    std::uint64_t changes = 0;    ///< the value of `changes_` when the unit was last tried
    std::uint64_t additions = 0;  ///< likewise, of `additions_done_`
    int times = 0;
  };
  struct Added {
    Unit* unit;
    bool replies;
    std::string_view command;
  };
  Store& store_;
  Sharing& sharing_;
  Lines& lines_;
  std::span<Unit* const> units_;
  std::vector<Xadd> additions_;
  std::vector<Added> added_;
  SteadyTime begun_;  ///< when the current ask was begun
  std::uint64_t changes_ = 0;
  std::uint64_t additions_done_ = 0;
  std::size_t bytes_of_readers_ = 0;  ///< in the answers of tries of XREAD
  std::vector<Tried> tried_;          ///< tries that found nothing so far
  std::set<std::int64_t> vain_;       ///< lines in which no client is tried any more
  const Unit* last_read_ = nullptr;   ///< the last try of XREAD, if nothing else was done since
};

}  // namespace

Result<void> run_units(const SharedStore& store, std::span<Unit* const> units) {
  return Work(store, units).run();
}

}  // namespace weir::server
