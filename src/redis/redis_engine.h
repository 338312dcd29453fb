// The server engine's class. Each .cc holds a part of it: exchange.cc (asking once), append.cc, transact.cc, wait.cc,
// delayed.cc, unique.cc, keep.cc, terms.cc, receiving.cc, whole_server.cc.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "redis/due.h"
#include "redis/due_watch.h"
#include "redis/outcome_watch.h"
#include "redis/pipeline.h"
#include "redis/translate/decode.h"
#include "redis/translate/encode.h"
#include "redis/translate/since.h"
#include "redis/wire/cluster.h"
#include "stream/delaying.h"
#include "stream/keeping.h"
#include "stream/pausing.h"
#include "stream/placement.h"
#include "stream/rationing.h"
#include "stream/receiving.h"
#include "stream/remote.h"
#include "stream/store.h"
#include "stream/unique.h"

namespace weir::redis {

/// Replies to commands, in their order, with what owns them.
class Answers {
 public:
  explicit Answers(ReplyPtr owner);
  /// The whole reply as one value, or the elements of it.
  static Answers whole(ReplyPtr owner);
  static Answers elements(ReplyPtr owner);
  /// The value at `i` is an array of one: that one takes its place.
  void unwrap(std::size_t i);
  Values values() const { return values_; }
  ReplyPtr release() { return std::move(owner_); }
  /// Fails if a decoder met what it did not expect.
  Result<void> understood() const;

 private:
  ReplyPtr owner_;
  std::unique_ptr<bool> odd_ = std::make_unique<bool>(false);
  std::vector<Value> values_;
};

/// Commands that are sent before others, in the same round trip. Nothing depends on them: what refuses them is an
/// answer, and one that goes to the wrong node is not repeated.
struct Ahead {
  Commands commands;
  std::vector<ReplyPtr> replies;  ///< one for each, once all is answered
};

#define WEIR_RUN(Request)                                       \
  Result<Request::Reply> run(const Request& request) override { \
    return answer(request);                                     \
  }

/// What is promised beyond `Store`:
/// - How safe an answer is, is the server's affair (appendfsync): `Durability` has no effect here.
/// - `lock_timeout` is how long an answer is waited for, and a server that is loading or gone.
/// - A request that only looks is repeated when the connection breaks. What may have been done or not is never
///   repeated, and fails saying so; `append` of exact IDs finds out instead.
/// - A blocked read goes on over a new connection until its deadline. If the connection breaks just when
///   something was delivered, that is pending for the consumer, and is not returned.
/// - `append` of automatic IDs to several streams: where one is refused, some that follow may have been added.
/// - `transact` with `undo` never half does anything. Acknowledgements, claims, deliveries, deletions and entries with
///   automatic IDs are checked first; with anything else in it, the streams named are copied within the server
///   meanwhile (DUMP), which takes its time for long ones. `Flushall` and `Keys` cannot be a part of it.
class RedisEngine final : public Store,
                          public Placement,
                          public Remote,
                          public Delaying,
                          public Unique,
                          public Keeping,
                          public Pausing,
                          public Rationing,
                          public Receiving {
 public:
  RedisEngine(Endpoint seed, const Timeouts& timeouts)
      : cluster_(std::move(seed), timeouts), watch_(timeouts, first_handles_), outcome_watch_(timeouts) {}
  /// Whether the server can be reached.
  Result<void> connect();

  WEIR_REQUESTS(WEIR_RUN)
  /// What the server itself says; estimated where it does not tell this user.
  Result<std::uint64_t> size(const std::string& stream) override;
  /// A replica is its master, and all nodes are their cluster. Unknown where this user is not told (INFO).
  Result<std::string> identity() override;
  Result<std::string> name_beside(const std::string& stream, std::string_view suffix) override;
  Result<bool> lie_together(const std::string& one, const std::string& other) override;
  Result<AddAnswers> append(std::span<const Xadd> entries) override;
  Result<AddAnswers> append(Batch batch, Batch& next) override;
  Result<std::vector<Result<Reply>>> transact(std::span<const Request> requests, OnRefusal on_refusal) override;
  Result<void> fits(std::span<const Request> requests) const override;
  Result<void> check_scripts() override;
  /// All streams must be of one slot.
  Result<std::vector<std::optional<Handle>>> delay(std::span<const Xadd> entries, const Due& due) override;
  Result<std::vector<DelayedMessage>> delayed(const std::string& stream, const std::optional<Handle>& after,
                                              std::uint64_t count) override;
  Result<DelayedCount> count_delayed(const std::string& stream) override;
  Result<Count> cancel_delayed(const std::string& stream, std::span<const Handle> handles) override;
  Result<Count> append_delayed(const std::string& stream, std::span<const Handle> handles) override;
  Result<Count> take_over_delayed(const std::string& stream, std::span<const DelayedMessage> messages) override;
  Result<std::optional<Placed>> add_unique(const Xadd& entry, const std::string& key,
                                           const std::optional<Due>& due) override;
  Result<std::vector<UniqueKey>> unique_keys(const std::string& stream) override;
  Result<void> set_unique_keys(const std::string& stream, std::span<const UniqueKey> keys) override;
  Result<std::optional<std::uint64_t>> keep(const std::string& stream, const KeepPolicy& policy) override;
  /// Where this user may run no scripts, there is none.
  Result<std::optional<KeepPolicy>> kept(const std::string& stream) override;
  Result<Count> apply_keep(const std::string& stream) override;
  Result<void> pause(const std::string& stream, const std::string& group, const std::optional<Millis>& time) override;
  Result<void> resume(const std::string& stream, const std::string& group) override;
  /// Where this user may not look, there is none.
  Result<std::optional<Pause>> paused(const std::string& stream, const std::string& group) override;
  /// In a cluster all streams must be of one slot.
  Result<Rationed> take(const Ration& ration) override;
  Result<bool> await_more(Millis most) override;
  Result<std::string> source_name(const std::string& stream) override;
  Result<std::optional<Id>> received(const std::string& stream, const std::string& source) override;
  /// What is too much for one script is added in several steps. An entry that no script takes is Failure::bad_input.
  Result<Received> receive(const std::string& source, std::optional<Id> place, std::span<const Xadd> entries,
                           std::span<const Id> places) override;
  bool is_at_hand() const override { return cluster_.is_connected(); }
  void set_interrupt(int fd) override { interrupt_ = fd; }

 private:
  enum class Effect { only_looks, changes };
  static constexpr int kMostRedirects = 16;

  /// Most requests are a question to the server; these are more.
  template <typename R>
  Result<typename R::Reply> answer(const R& request) {
    return ask(request);
  }
  Result<Xadd::Reply> answer(const Xadd& request);
  Result<Xread::Reply> answer(const Xread& request);
  Result<Xreadgroup::Reply> answer(const Xreadgroup& request);
  Result<Xclaim::Reply> answer(const Xclaim& request);
  Result<XgroupCreate::Reply> answer(const XgroupCreate& request);
  Result<XinfoGroups::Reply> answer(const XinfoGroups& request);
  Result<Keys::Reply> answer(const Keys& request);
  Result<Flushall::Reply> answer(const Flushall& request);

  template <typename R>
  static constexpr bool kMayBeGuarded = std::is_same_v<R, Xreadgroup> || std::is_same_v<R, Xclaim> ||
                                        std::is_same_v<R, Xautoclaim> || std::is_same_v<R, XgroupDestroy>;
  static bool forbids_guard(const Result<Answers>& answers);

  // exchange.cc
  /// Where something is due, it is appended before what is asked changes anything, or what is asked is asked again.
  template <typename R>
  Result<typename R::Reply> ask(const R& request, Ahead* more = nullptr) {
    constexpr bool kTakes = std::is_same_v<R, Xreadgroup>;
    const std::vector<std::string> streams = seen_by(request);
    if constexpr (!kOnlyLooks<R> && !kTakes) {
      append_due(streams);
      return ask_once(request, nullptr);
    } else {
      Ahead peeks = peeks_at(streams);
      if (more != nullptr) {
        std::move(more->commands.begin(), more->commands.end(), std::back_inserter(peeks.commands));
      }
      auto reply = ask_once(request, &peeks);
      for (std::size_t i = 0; more != nullptr && i < more->commands.size() && !peeks.replies.empty(); ++i) {
        more->replies.insert(more->replies.begin(), std::move(peeks.replies.back()));
        peeks.replies.pop_back();
      }
      const bool appended = append_due(may_be_due(streams, peeks));
      bool again = appended;
      if constexpr (kTakes) {
        again = appended && reply && reply->empty();
      }
      return again ? ask_once(request, nullptr) : std::move(reply);
    }
  }
  template <typename R>
  Result<typename R::Reply> ask_once(const R& request, Ahead* ahead) {
    const Effect effect = kOnlyLooks<R> ? Effect::only_looks : Effect::changes;
    auto asked = exchange(commands_for(request), effect, nullptr, ahead);
    if (guards_ && kMayBeGuarded<R> && forbids_guard(asked)) {
      guards_ = false;  // the plain command may be allowed
      asked = exchange(commands_for(request), effect, nullptr, nullptr);
    }
    WEIR_ASSIGN(const Answers answers, std::move(asked));
    auto reply = decode(request, answers.values());
    WEIR_TRY(answers.understood());
    if (!reply) {
      return tl::unexpected(explained(std::move(reply).error(), since(request)));
    }
    return reply;
  }
  /// Runs `commands`, more than one of them as a transaction, following redirects. Where it fails because nobody knows
  /// whether they were done, `*unknown` becomes true.
  Result<Answers> exchange(const Commands& commands, Effect effect, bool* unknown = nullptr, Ahead* ahead = nullptr);
  /// With the server's version, if it does not know a command or an option of it. `since`: see since.h.
  Error explained(Error error, const char* since = nullptr);
  /// What `converse` brings from `node`: anew, at the latest until `deadline`, where the connection is lost and that
  /// does no harm. `attempt` counts on. Where it fails because nobody knows what was done, `*unknown` becomes true.
  using Converse = std::function<tl::expected<ReplyPtr, Lost>(Connection&)>;
  Result<ReplyPtr> insist(const Endpoint& node, const Converse& converse, Effect effect, const Deadline& deadline,
                          int& attempt, bool* unknown = nullptr);
  /// Tries until `deadline`, or until `interrupt` is readable (-1: nothing interrupts).
  Result<Connection*> reconnect(const Endpoint& node, const Deadline& deadline, int interrupt = -1);
  /// Pauses before another attempt, longer each time; false once `deadline` has passed or the interrupt came.
  static bool pause(int attempt, const Deadline& deadline, int interrupt = -1);
  static constexpr std::string_view kNotKnown = ": it is not known whether this was done";
  /// What is known of a request when the connection is lost; the message ends with kNotKnown if that is nothing.
  static Error fate(const Lost& lost, const Endpoint& node, Effect effect);
  static tl::unexpected<Error> endless_redirects();
  static bool may_come_back(const Lost& lost) { return !lost.timed_out && !lost.misspoke; }

  // append.cc
  struct Addition {
    Addition() = default;
    explicit Addition(std::span<const Xadd> of) : entries(of), done(of.size()) {}
    std::span<const Xadd> entries;
    std::vector<Pipeline::Slot> done;  ///< for each entry
    int redirects = 0;
  };
  /// What is on its way of an addition: the first `sent` of its entries went through `pipeline`. Null: nothing is.
  struct Way {
    std::unique_ptr<Pipeline> pipeline;
    std::size_t sent = 0;
  };
  struct Work {
    Endpoint node;
    std::vector<std::size_t> places;
  };
  void append_pipelined(std::span<const Xadd> entries, bool sent, std::span<const Xadd> ahead, AddAnswers& answers);
  void leave_ahead();
  Result<void> send_round(Addition& now, Way way, bool first, const Deadline& deadline);
  std::map<std::string, Work> by_node(const Addition& now, std::size_t first) const;
  Result<bool> look_again(Addition& now, const Deadline& deadline);
  Result<void> known(const Pipeline& pipeline, const tl::expected<void, Lost>& result);
  void append_in_order(std::span<const Xadd> entries, AddAnswers& answers);
  Result<std::size_t> count_done(std::span<const Xadd> entries);
  /// What the next `append` will be given, and what of it is on its way already. Nothing but `append` may use the
  /// connection meanwhile: see `reconnect`.
  Addition ahead_;
  Result<std::optional<Placed>> delay_unique(const Xadd& entry, const std::string& key, const Due& due);
  static Placed placed_at(Value place);
  /// For each entry that was added. Now and then one makes the policy of its stream due.
  void note_appended(const std::string& stream, Id id);
  /// Applies the policies that are due. Requires: the answers of all that was sent have been read.
  void apply_due_policies();
  std::set<std::string> keep_due_;
  Way way_ahead_;
  std::uint64_t sending_ = 0;  ///< the mark of the Batch that `ahead_` is of

  // transact.cc
  Result<std::vector<Result<Reply>>> transact_one_by_one(std::span<const Request> requests);
  Result<std::vector<Result<Reply>>> transact_though_full(std::span<const Request> requests);
  Result<std::vector<Result<Reply>>> transact_or_undo(std::span<const Request> requests);

  // delayed.cc
  template <typename R>
  Commands commands_for(const R& request) {
    return encode(request);
  }
  Commands commands_for(const Del& request);
  Commands commands_for(const Rename& request);
  bool anything_beside(const std::vector<std::string>& streams);
  /// Of the streams, none where this user may not append what is due.
  Ahead peeks_at(const std::vector<std::string>& streams) const;
  std::vector<std::string> may_be_due(const std::vector<std::string>& streams, const Ahead& peeks);
  /// Appends what is due; whether there was anything. Where it cannot be, what is there is all there is.
  bool append_due(const std::vector<std::string>& streams);
  /// What is due of what a transaction sees is appended just before it: that much of it that one look takes.
  Ahead looks_at(std::span<const Request> requests) const;
  void note_looks(const Ahead& looks);
  std::optional<Looked> look_at(const std::string& stream);
  Result<Answers> ask_script(WireCommand call, Effect effect);

  // pauses.cc
  struct PauseLook {
    bool any = false;
    std::optional<Millis> left;     ///< until the first pause is over
    std::vector<std::string> open;  ///< streams that are not paused
    After news;                     ///< what lets the reader look again
  };
  Commands commands_for(const Xreadgroup& request);
  Commands commands_for(const Xclaim& request);
  Commands commands_for(const Xautoclaim& request);
  Commands commands_for(const XgroupDestroy& request);
  bool may_guard(const WireCommand& command) const;
  PauseLook look_at_pauses(const Xreadgroup& request);
  Result<bool> may_be_paused(const Xreadgroup& request, const Deadline& deadline, Millis most);
  Ahead pauses_of(const Xreadgroup& request) const;
  void give_back_if_paused(const Xreadgroup& request, const Ahead& pauses, StreamEntries& given);
  static WireCommand news_of(const After& after, Millis time);
  static void note_pauses(GroupInfos& infos, const Ahead& told);
  /// The group and the streams of the last read that waited, if it was in no pause.
  std::pair<std::string, std::vector<std::string>> unpaused_;
  bool guards_ = true;  ///< as far as is known, the server lets this user run scripts

  // terms.cc
  /// Where to go on looking, of what is too much to be looked at in one go.
  struct Place {
    std::string mark;  ///< among values of which some wait
    std::string from;  ///< among IDs
  };
  /// What there was at the last `take`.
  struct News {
    std::string key;
    After streams;
    After bells;
  };
  WireCommand taking(const Ration& ration);
  Commands rings_for(std::span<const Request> requests) const;
  std::map<std::string, Place> places_;
  News news_;
  std::set<std::string> ringing_;  ///< streams of which messages were taken under terms

  // wait.cc
  bool is_interrupted() const;
  /// Whether a read that was sent within this time has given something; nothing: that cannot be known yet. Null: it
  /// gives nothing to anybody.
  using HasGiven = std::function<std::optional<bool>(Millis)>;
  Result<StreamEntries> wait(const std::vector<std::string>& streams, const std::function<WireCommand(Millis)>& command,
                             Millis block, const HasGiven& has_given, Ahead* behind);
  std::optional<bool> was_given(const Xreadgroup& request, Millis within);
  std::map<std::string, std::vector<Id>> heard_;  ///< what the last read that waited was given
  class BlockedRead;
  tl::expected<ReplyPtr, Lost> receive_watching(Connection& connection, const Deadline& patience, bool heeds_pauses);
  void receive_behind(Connection& connection, const Endpoint& node, Ahead& behind);
  ReplyPtr give_up(Connection& connection, const Endpoint& node, std::uint64_t client);

  std::optional<Connection> second_;  ///< to `second_node_`: it wakes reads that are blocked on the first
  std::string second_node_;

  // whole_server.cc
  /// Where the server does not tell this user, it is taken for none.
  Result<bool> is_cluster();
  std::optional<bool> is_cluster_;
  /// All masters of a cluster; a single server is one. Where the server does not say: the one that was named, unless
  /// they `must_be_all`.
  Result<std::vector<Endpoint>> masters(bool must_be_all);
  Result<ReplyPtr> ask_node(const Endpoint& node, const WireCommand& command, Effect effect);

  Cluster cluster_;
  FirstHandles first_handles_;
  bool appends_due_ = true;  ///< as far as is known, the server lets this user do so
  DueWatch watch_;
  OutcomeWatch outcome_watch_;
  int interrupt_ = -1;
};

#undef WEIR_RUN

}  // namespace weir::redis
