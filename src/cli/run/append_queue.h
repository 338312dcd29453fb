// A second thread that reads and parses while the first one stores.
#pragma once

#include <condition_variable>
#include <deque>
#include <mutex>
#include <optional>
#include <thread>

#include "cli/run/append_input.h"

namespace weir::cli {

/// Batches from a reader, made ahead of their use.
/// Threads: `next` belongs to one thread. The reader belongs to the queue while it lives.
class AppendQueue {
 public:
  /// Throws std::system_error where there are no more threads.
  explicit AppendQueue(AppendReader& reader);
  /// If `next` has not given the last batch, the reader is left to itself, waiting for input that nobody wants: the
  /// program is about to end.
  ~AppendQueue();
  AppendQueue(const AppendQueue&) = delete;
  AppendQueue& operator=(const AppendQueue&) = delete;

  /// Waits for the reader.
  Result<AppendBatch> next();
  /// Nothing, if the reader is not done with it yet.
  std::optional<Result<AppendBatch>> next_if_ready();
  /// A batch that is done with: the reader frees its memory, or uses it again.
  void give_back(AppendBatch used);

 private:
  struct Shared {
    std::mutex mutex;
    std::condition_variable changed;
    std::deque<Result<AppendBatch>> batches;
    AppendBatch used;
    bool closed = false;
  };
  Result<AppendBatch> take(std::unique_lock<std::mutex> lock);
  static void read_all(AppendReader& reader, std::shared_ptr<Shared> shared);

  std::shared_ptr<Shared> shared_;
  bool ended_ = false;  ///< the last batch was given
  std::thread thread_;
};

}  // namespace weir::cli
