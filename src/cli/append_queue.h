// A second thread that reads and parses while the first one stores.
#pragma once

#include <condition_variable>
#include <deque>
#include <mutex>
#include <thread>

#include "cli/append.h"

namespace weir {

/// Batches from a reader, made ahead of their use by at most two.
/// Threads: `next` belongs to one thread. The reader belongs to the queue while it lives.
class AppendQueue {
 public:
  explicit AppendQueue(AppendReader& reader);
  /// Waits for the reader to finish what it is reading.
  /// Requires: `next` has given a batch that ended or stopped, or an error. Otherwise see `abandon`.
  ~AppendQueue();
  AppendQueue(const AppendQueue&) = delete;
  AppendQueue& operator=(const AppendQueue&) = delete;

  /// `used` is the batch before, done with: it goes back to the reader, which frees or reuses its memory.
  Result<AppendBatch> next(AppendBatch used);

  /// Lets the reader go on by itself, waiting for input that nobody wants: the program is about to end.
  void abandon();

 private:
  struct Shared {
    std::mutex mutex;
    std::condition_variable changed;
    std::deque<Result<AppendBatch>> batches;
    AppendBatch used;
    bool closed = false;
  };
  static void read_all(AppendReader& reader, std::shared_ptr<Shared> shared);

  std::shared_ptr<Shared> shared_;
  std::thread thread_;
};

}  // namespace weir
