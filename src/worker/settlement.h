// Outcomes on their way into the store: many at once, each atomic, none for a message that is no longer ours.
#pragma once

#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "stream/store.h"
#include "worker/leases.h"
#include "worker/run_log.h"

namespace weir::worker {

/// Threads: as its store, which must outlive it, as must the leases and the options. Only `write` asks the store, and
/// blocks as that does; what is added before is kept in memory.
class Settlement {
 public:
  Settlement(Store& store, const Leases& leases, const WorkOptions& options);

  /// The messages of one run are done.
  void acknowledge(const std::string& stream, std::vector<Id> ids);
  /// They are done, and with the acknowledgement `more` happens: all of it or nothing.
  void acknowledge_with(const std::string& stream, std::vector<Id> ids, std::vector<Request> more) {
    add(stream, std::move(ids), std::move(more), std::nullopt);
  }
  /// It is dead: likewise with its letter. `news` is for people, once it has happened.
  struct Dead {
    Message message;
    std::string reason;
    std::string news;
  };
  void bury(Dead dead, Xadd letter) {
    const std::string stream = dead.message.stream;
    const Id id = dead.message.id;
    add(stream, {id}, {std::move(letter)}, std::move(dead));
  }
  /// They are to be delivered again.
  void give_back(Xnack nack);
  /// An entry about the run whose outcome is the next that is added, and which is written with that.
  void log(Xadd entry) { log_ = std::move(entry); }

  bool empty() const { return plain_.empty() && whole_.empty() && returns_.empty(); }

  struct Written {
    StreamEntries read;
    std::optional<Error> read_refused;  ///< the reading was refused, all else is done
    std::vector<Dead> dead;             ///< whose letters are now in their stream
    std::vector<std::string> complaints;

    void tell(const std::optional<Dead>& one) {
      if (one) {
        dead.push_back(*one);
      }
    }
  };
  /// Writes everything, and reads new messages in the same transaction if `read` is given (it may be left undone
  /// where something was refused). Requires: `read` does not block.
  /// Where it fails nothing is forgotten, and the next call finds out what was done all the same: it may be tried again
  /// for as long as nobody else takes the messages.
  Result<Written> write(const std::optional<Xreadgroup>& read);

 private:
  /// An acknowledgement and what goes with it.
  struct Whole {
    std::string stream;
    std::vector<Id> ids;
    std::vector<Request> requests;
    std::optional<Dead> dead;
    std::optional<Xadd> log;  ///< about the run
  };
  using Replies = std::vector<Result<Reply>>;

  void add(const std::string& stream, std::vector<Id> ids, std::vector<Request> more, std::optional<Dead> dead);
  void add_log();
  void leave_logs_to_policy();
  Result<Written> write_all(const std::optional<Xreadgroup>& read);
  Result<std::set<Id>> still_pending(const std::string& stream, const std::vector<Id>& ids);
  Result<void> find_out();
  std::vector<Request> simple_requests() const;
  void check_acknowledgements(const Replies& replies, Written& written) const;
  Result<void> write_one_by_one(Written& written);

  Store& store_;
  const Leases& leases_;
  const WorkOptions& options_;
  std::map<std::string, std::vector<Id>> plain_;
  std::vector<Whole> whole_;
  std::vector<Xnack> returns_;
  std::vector<Xadd> logs_;   ///< of those in plain_ and returns_
  std::optional<Xadd> log_;  ///< of the next outcome
  LogPolicy log_policy_;
  bool unsure_ = false;           ///< the last write failed: some of it may have been done
  std::vector<Dead> found_dead_;  ///< those whose letters it had written
};

}  // namespace weir::worker
