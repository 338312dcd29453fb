// A client's commands in their order, with MULTI, EXEC and DISCARD.
#pragma once

#include <optional>
#include <variant>
#include <vector>

#include "command/redis_command.h"

namespace weir::command {

/// What stood between MULTI and EXEC, to be run as one transaction.
class Transaction {
 public:
  /// A command: a request, or what is known of its answer already.
  using Queued = std::variant<Request, Reply, Doubtful, Error>;

  void add(Queued command);
  /// How many commands.
  std::size_t size() const { return commands_.size(); }

  /// What the store is to run, in its order: the requests, and the looks of doubtful commands.
  const std::vector<Request>& requests() const { return requests_; }

  /// The answer of each command. Requires: one reply for each of `requests()`.
  std::vector<Result<Reply>> answers(std::vector<Result<Reply>> replies) const;

 private:
  // Of a command that was asked of the store only the number of its requests is kept.
  struct Asked {
    std::size_t requests = 1;
    std::optional<Doubtful> doubtful;
  };
  std::vector<std::variant<Asked, Reply, Error>> commands_;
  std::vector<Request> requests_;
};

/// Threads: one at a time. It asks no store: what is to be done comes back to the caller.
class Session {
 public:
  /// What a line comes to: an answer, or what the caller has to run for one. An error is an answer, too.
  using Step = std::variant<Reply, Error, Request, Doubtful, Transaction>;

  Step take(Words words);

  /// For a line that is no command: it spoils the transaction around it, as `take` does with what Redis would not let
  /// pass to execution. Gives the error back.
  Step spoil(Error error);

  /// Whether MULTI has begun a transaction, and how many commands are in it.
  bool is_queueing() const { return queue_.has_value(); }
  std::size_t queued() const { return queue_ ? queue_->size() : 0; }
  /// Whether EXEC can only fail. Then nothing is kept of its commands.
  bool is_spoiled() const { return spoiled_; }
  /// For a command that only the caller knows. Requires: is_queueing.
  Step queue(Transaction::Queued command);

 private:
  Step control(Control mark);

  std::optional<Transaction> queue_;
  bool spoiled_ = false;
};

}  // namespace weir::command
