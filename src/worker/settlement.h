// Outcomes on their way into the store: many are written at once; each is atomic, and only for messages we still hold.
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

/// Only `write` uses the store, and blocks as the store does; outcomes added before are kept in memory. The store, the
/// leases and the options must outlive the object. Threads: as the store.
class Settlement {
 public:
  Settlement(Store& store, const Leases& leases, const WorkOptions& options);

  /// The messages of one run are done.
  void acknowledge(const std::string& stream, std::vector<Id> ids);
  /// The messages of one run are done. The requests in `more` happen in the transaction that acknowledges the messages.
  void acknowledge_with(const std::string& stream, std::vector<Id> ids, std::vector<Request> more) {
    add(stream, std::move(ids), std::move(more), std::nullopt);
  }
  /// A message is dead: its letter is written in the transaction that acknowledges the message. `news`: a line for
  /// people, to be told once the letter is written.
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
  /// The messages are to be delivered again.
  void give_back(Xnack nack);
  /// A log entry about the run whose outcome is added next; both are written in one transaction.
  void log(Xadd entry) { log_ = std::move(entry); }

  bool empty() const { return plain_.empty() && whole_.empty() && returns_.empty(); }

  struct Written {
    StreamEntries read;
    std::optional<Error> read_refused;  ///< the read was refused; everything else is done
    std::vector<Dead> dead;             ///< whose letters have now been written
    std::vector<std::string> complaints;

    void tell(const std::optional<Dead>& one) {
      if (one) {
        dead.push_back(*one);
      }
    }
  };
  /// Writes all outcomes, and in the same transaction reads new messages if `read` is given (the read may be skipped if
  /// something was refused). Requires: `read` does not block.
  ///
  /// If `write` fails, nothing is forgotten, and the next call finds out what was done all the same. So it can be
  /// repeated as long as nobody else takes the messages.
  Result<Written> write(const std::optional<Xreadgroup>& read);

 private:
  /// An acknowledgement and the requests of the same transaction.
  struct Whole {
    std::string stream;
    std::vector<Id> ids;
    std::vector<Request> requests;
    std::optional<Dead> dead;
    std::optional<Xadd> log;  ///< the entry about the run
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
  std::vector<Xadd> logs_;   ///< log entries for `plain_` and `returns_`
  std::optional<Xadd> log_;  ///< log entry for the next outcome
  LogPolicy log_policy_;
  bool unsure_ = false;           ///< the last write failed: some of it may have been done
  std::vector<Dead> found_dead_;  ///< messages whose letters a failed write had written
};

}  // namespace weir::worker
