// The thread that notices what other processes do to the store while clients wait for messages.
#pragma once

#include <atomic>
#include <functional>
#include <memory>
#include <mutex>
#include <thread>
#include <vector>

#include "stream/sharing.h"
#include "stream/store.h"
#include "system/pipe.h"

namespace weir::server {

class Watcher {
 public:
  /// The watcher's thread calls `ready` with what may have messages for waiting clients, and `lost` if the store has
  /// failed for good; neither may block. Requires: the store is a Watching and a Sharing. `lines` must outlive the
  /// watcher.
  Watcher(std::unique_ptr<Store> store, Lines& lines, std::function<void(std::vector<Sharing::Awaited>)> ready,
          std::function<void(const Error&)> lost);
  ~Watcher();
  Watcher(const Watcher&) = delete;
  Watcher& operator=(const Watcher&) = delete;

  /// Replaces what is looked at: the watcher looks at once, and after each change of the store.
  void watch(std::vector<Sharing::Awaited> awaited);

 private:
  void run();
  void nudge();
  /// Waits until there is something to look at again. False: the server is ending.
  bool rest(Millis most);
  void after(const Error& failure);

  std::unique_ptr<Store> store_;
  Lines& lines_;
  std::function<void(std::vector<Sharing::Awaited>)> ready_;
  std::function<void(const Error&)> lost_;
  Pipe wake_;
  std::mutex mutex_;
  std::vector<Sharing::Awaited> awaited_;
  std::atomic<bool> ending_{false};
  std::thread thread_;
};

}  // namespace weir::server
