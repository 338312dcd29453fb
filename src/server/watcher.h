// The thread that notices what others do to the store while clients wait for messages.
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
  /// `ready` is called in the watcher's thread with what may have something for those who wait, `lost` with a failure
  /// of the store that does not pass; neither may block. Requires: the store is a Watching and a Sharing. `lines` must
  /// outlive it.
  Watcher(std::unique_ptr<Store> store, Lines& lines, std::function<void(std::vector<Sharing::Awaited>)> ready,
          std::function<void(const Error&)> lost);
  ~Watcher();
  Watcher(const Watcher&) = delete;
  Watcher& operator=(const Watcher&) = delete;

  /// From now on these are looked at: at once, and after each change.
  void watch(std::vector<Sharing::Awaited> awaited);

 private:
  void run();
  void nudge();
  /// Waits until there is something to look at again. False: the end.
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
