// A second thread that reads and parses, while the first thread stores.
#pragma once

#include <condition_variable>
#include <deque>
#include <mutex>
#include <optional>
#include <thread>

#include "cli/run/append_input.h"

namespace weir::cli {

/// Batches from a reader, made before they are needed. While the queue exists, only the queue uses the reader. Threads:
/// one thread calls `next`.
class AppendQueue {
 public:
  /// Throws std::system_error if the system allows no more threads.
  explicit AppendQueue(AppendReader& reader);
  /// If `next` has not returned the last batch, the reader may still wait for input that nobody wants. It is left alone
  /// then, as the program is about to end.
  ~AppendQueue();
  AppendQueue(const AppendQueue&) = delete;
  AppendQueue& operator=(const AppendQueue&) = delete;

  /// The next batch; waits for the reader.
  Result<AppendBatch> next();
  /// The next batch; nothing: the reader has not finished it.
  std::optional<Result<AppendBatch>> next_if_ready();
  /// Returns a batch that is no longer needed: the reader frees its memory or uses it again.
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
  bool ended_ = false;  ///< the last batch was returned
  std::thread thread_;
};

}  // namespace weir::cli
