// The class of the server engine. Each .cc file has a part of it: exchange.cc (sending a request once), append.cc,
// transact.cc, wait.cc, delayed.cc, unique.cc, keep.cc, terms.cc, receiving.cc, whole_server.cc.
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

/// Replies to commands, in their order, and the memory that they need.
class Answers {
 public:
  explicit Answers(ReplyPtr owner);
  /// The whole reply as one value, or each element of it as a value.
  static Answers whole(ReplyPtr owner);
  static Answers elements(ReplyPtr owner);
  /// The value at `i` is an array with one element, which replaces it.
  void unwrap(std::size_t i);
  Values values() const { return values_; }
  ReplyPtr release() { return std::move(owner_); }
  /// Fails if a decoder met a shape that it did not expect.
  Result<void> understood() const;

 private:
  ReplyPtr owner_;
  std::unique_ptr<bool> odd_ = std::make_unique<bool>(false);
  std::vector<Value> values_;
};

/// Commands sent before others, in the same round trip. The other commands do not depend on them: a refusal is just
/// their answer, and a redirected command is not repeated.
struct Ahead {
  Commands commands;
  std::vector<ReplyPtr> replies;  ///< one for each command, once all are answered
};

#define WEIR_RUN(Request)                                       \
  Result<Request::Reply> run(const Request& request) override { \
    return answer(request);                                     \
  }

/// Promises beyond those of `Store`:
/// - The server decides how safe an answer is (appendfsync): `Durability` has no effect here.
/// - `lock_timeout` is how long we wait for an answer, and for a server that is loading or gone.
/// - A request that only looks is repeated if the connection breaks. A request that may have been done is never
/// repeated, and fails saying so; `append` of exact IDs finds out instead.
/// - A blocked read goes on over a new connection until its deadline. If the connection breaks just when entries were
/// delivered, they are pending for the consumer, and are not returned.
/// - `append` of automatic IDs to several streams: if one is refused, some later ones may have been added.
/// - `transact` with `undo` never stops halfway. Acknowledgements, claims, deliveries, deletions and entries with
/// automatic IDs are checked first. If there are other requests, the server copies the named streams meanwhile (DUMP),
/// which takes time for long streams. `Flushall` and `Keys` cannot be part of such a transaction.
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
  /// The size that the server reports; estimated if the server does not tell this user.
  Result<std::uint64_t> size(const std::string& stream) override;
  /// A replica has the identity of its master, and all nodes that of their cluster. Unknown if this user may not use
  /// INFO.
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
  /// If this user may not run scripts, there is no policy.
  Result<std::optional<KeepPolicy>> kept(const std::string& stream) override;
  Result<Count> apply_keep(const std::string& stream) override;
  Result<Count> would_apply_keep(const std::string& stream) override;
  Result<void> pause(const std::string& stream, const std::string& group, const std::optional<Millis>& time) override;
  Result<void> resume(const std::string& stream, const std::string& group) override;
  /// If this user may not look, there is no pause.
  Result<std::optional<Pause>> paused(const std::string& stream, const std::string& group) override;
  /// In a cluster all streams must be of one slot.
  Result<Rationed> take(const Ration& ration) override;
  Result<bool> await_more(Millis most) override;
  Result<std::string> source_name(const std::string& stream) override;
  Result<bool> acknowledge_source(const std::string& name, const Xack& request) override;
  Result<std::optional<Id>> received(const std::string& stream, const std::string& source) override;
  /// Entries that are too much for one script are added in several steps. An entry that is too large for any script is
  /// Failure::bad_input.
  Result<Received> receive(const std::string& source, std::optional<Id> place, std::span<const Xadd> entries,
                           std::span<const Id> places) override;
  bool is_at_hand() const override { return cluster_.is_connected(); }
  void set_interrupt(int fd) override { interrupt_ = fd; }

 private:
  enum class Effect { only_looks, changes };
  static constexpr int kMostRedirects = 16;

  /// Most requests are one question to the server; these need more.
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
  /// Messages that are due are appended before a request changes anything; a request that only looks is sent again
  /// afterwards.
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
  /// Runs `commands`, several of them as a transaction, and follows redirects. If nobody knows whether they were done,
  /// fails and sets `*unknown`.
  Result<Answers> exchange(const Commands& commands, Effect effect, bool* unknown = nullptr, Ahead* ahead = nullptr);
  /// Adds the server's version to the error if the server does not know a command or an option. `since`: see since.h.
  Error explained(Error error, const char* since = nullptr);
  /// Returns what `converse` gets from `node`. If the connection is lost and repeating does no harm, tries again until
  /// `deadline`. `attempt` counts the attempts. If nobody knows what was done, fails and sets `*unknown`.
  using Converse = std::function<tl::expected<ReplyPtr, Lost>(Connection&)>;
  Result<ReplyPtr> insist(const Endpoint& node, const Converse& converse, Effect effect, const Deadline& deadline,
                          int& attempt, bool* unknown = nullptr);
  /// Tries to connect until `deadline`, or until `interrupt` is readable (-1: nothing interrupts).
  Result<Connection*> reconnect(const Endpoint& node, const Deadline& deadline, int interrupt = -1);
  /// Pauses before another attempt, longer each time. False: `deadline` has passed or the interrupt came.
  static bool pause(int attempt, const Deadline& deadline, int interrupt = -1);
  static constexpr std::string_view kNotKnown = ": it is not known whether this was done";
  /// What is known of a request whose connection was lost; if nothing is known, the message ends with kNotKnown.
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
  /// The part of an addition that is under way: its first `sent` entries went through `pipeline`. Null: nothing is
  /// under way.
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
  /// The entries that the next `append` will get, and how many of them are under way already. Only `append` may use the
  /// connection meanwhile: see `reconnect`.
  Addition ahead_;
  Result<std::optional<Placed>> delay_unique(const Xadd& entry, const std::string& key, const Due& due);
  static Placed placed_at(Value place);
  Result<Count> apply_keep(const std::string& stream, Effect effect);
  /// To be called for each entry that was added. Occasionally one makes the policy of its stream due.
  void note_appended(const std::string& stream, Id id);
  /// The same for so many delayed messages that were appended to some of these streams.
  void note_due_appended(std::span<const std::string> streams, std::uint64_t count);
  /// Applies the policies that are due. Requires: all answers on the connection have been read.
  void apply_due_policies();
  std::set<std::string> keep_due_;
  Way way_ahead_;
  std::uint64_t sending_ = 0;  ///< the mark of the Batch of `ahead_`

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
  /// Peeks at the streams; at none if this user may not append due messages.
  Ahead peeks_at(const std::vector<std::string>& streams) const;
  std::vector<std::string> may_be_due(const std::vector<std::string>& streams, const Ahead& peeks);
  /// Appends due messages; returns whether there were any. If that fails, the streams stay as they are.
  bool append_due(const std::vector<std::string>& streams);
  /// Just before a transaction, appends the due messages that it would see, as many as one look takes.
  Ahead looks_at(std::span<const Request> requests) const;
  void note_looks(std::span<const Request> requests, const Ahead& looks);
  std::optional<Looked> look_at(const std::string& stream);
  Result<Answers> ask_script(WireCommand call, Effect effect);

  // pauses.cc
  struct PauseLook {
    bool any = false;
    std::optional<Millis> left;     ///< until the first pause is over
    std::vector<std::string> open;  ///< the streams that are not paused
    After news;                     ///< what the reader waits for before it looks again
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
  /// The group and the streams of the last read that waited, if no pause was met.
  std::pair<std::string, std::vector<std::string>> unpaused_;
  bool guards_ = true;  ///< as far as we know, the server lets this user run scripts

  // terms.cc
  /// Where a search that is too long for one go has to continue.
  struct Place {
    std::string mark;  ///< among the values of messages that wait
    std::string from;  ///< among IDs
  };
  /// What the last `take` saw.
  struct News {
    std::string key;
    After streams;
    After bells;
  };
  WireCommand taking(const Ration& ration);
  Commands rings_for(std::span<const Request> requests) const;
  std::map<std::string, Place> places_;
  News news_;
  std::set<std::string> ringing_;  ///< streams from which messages were taken under terms

  // wait.cc
  bool is_interrupted() const;
  /// Whether a read that was sent within this time has delivered something; nothing: that cannot be known yet. Null:
  /// the read delivers nothing to anybody.
  using HasGiven = std::function<std::optional<bool>(SteadyTime)>;
  Result<StreamEntries> wait(const std::vector<std::string>& streams, const std::function<WireCommand(Millis)>& command,
                             Millis block, const HasGiven& has_given, Ahead* behind);
  std::optional<bool> was_given(const Xreadgroup& request, SteadyTime asked);
  std::map<std::string, std::vector<Id>> heard_;  ///< the entries that the last waiting read delivered
  class BlockedRead;
  tl::expected<ReplyPtr, Lost> receive_watching(Connection& connection, const Deadline& patience, bool heeds_pauses);
  void receive_behind(Connection& connection, const Endpoint& node, Ahead& behind);
  ReplyPtr give_up(Connection& connection, const Endpoint& node, std::uint64_t client);

  std::optional<Connection> second_;  ///< to `second_node_`; wakes reads that block the first
  std::string second_node_;

  // whole_server.cc
  /// If the server does not tell this user, the answer is no.
  Result<bool> is_cluster();
  std::optional<bool> is_cluster_;
  /// All masters of a cluster; a single server is its own. If the server does not tell: the node that was named, unless
  /// they `must_be_all`.
  Result<std::vector<Endpoint>> masters(bool must_be_all);
  Result<ReplyPtr> ask_node(const Endpoint& node, const WireCommand& command, Effect effect);

  Cluster cluster_;
  FirstHandles first_handles_;
  bool appends_due_ = true;  ///< as far as we know, the server lets this user append due messages
  DueWatch watch_;
  OutcomeWatch outcome_watch_;
  int interrupt_ = -1;
};

#undef WEIR_RUN

}  // namespace weir::redis
