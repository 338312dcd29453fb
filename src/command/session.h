// The commands of one client in their order, with MULTI, EXEC and DISCARD.
#pragma once

#include <optional>
#include <variant>
#include <vector>

#include "command/redis_command.h"

namespace weir::command {

/// The commands between MULTI and EXEC, to be run as one transaction.
class Transaction {
 public:
  /// A command: a request, or an answer that is already known.
  using Queued = std::variant<Request, Reply, Doubtful, Error>;

  void add(Queued command);
  /// The number of commands.
  std::size_t size() const { return commands_.size(); }

  /// What the store has to run, in order: the requests, and the looks of doubtful commands.
  const std::vector<Request>& requests() const { return requests_; }

  /// The request that the command with this number (from 0) is; null: it is none, or several.
  const Request* request_of(std::size_t command) const;

  /// The answers to the commands. Requires: one reply for each of `requests()`.
  std::vector<Result<Reply>> answers(std::vector<Result<Reply>> replies) const;

 private:
  // Of a command for the store, only which requests are its own is kept.
  struct Asked {
    std::size_t first;
    std::size_t requests = 1;
    std::optional<Doubtful> doubtful = std::nullopt;
  };
  std::vector<std::variant<Asked, Reply, Error>> commands_;
  std::vector<Request> requests_;
};

/// Asks no store: the caller gets back what has to be done. Threads: one at a time.
class Session {
 public:
  /// The outcome of a line: an answer (an error is an answer, too), or something that the caller has to run.
  using Step = std::variant<Reply, Error, Request, Doubtful, Transaction>;

  Step take(Words words);

  /// To be called for a line that is no command: spoils the transaction around it, as `take` does for a line that Redis
  /// would not execute. Returns the error.
  Step spoil(Error error);

  /// Whether MULTI has begun a transaction.
  bool is_queueing() const { return queue_.has_value(); }
  std::size_t queued() const { return queue_ ? queue_->size() : 0; }
  /// Whether EXEC can only fail. The commands are not kept in that case.
  bool is_spoiled() const { return spoiled_; }
  /// Queues a command that only the caller knows. Requires: is_queueing.
  Step queue(Transaction::Queued command);

 private:
  Step control(Control mark);

  std::optional<Transaction> queue_;
  bool spoiled_ = false;
};

}  // namespace weir::command
