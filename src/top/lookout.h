// Looks at the store in a separate thread, so that keys are answered while the store is slow or cannot be reached.
//
// A file is looked at after it has changed (its bell and data_version tell), a server about once a second. Looks are
// rare enough to leave most of the time free. All streams are looked at less often than those on the screen.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "stream/result.h"
#include "stream/store.h"
#include "top/action.h"
#include "top/found.h"

namespace weir::top {

struct LookoutOptions {
  std::function<Result<std::unique_ptr<Store>>(Access)> open;
  std::string pattern = "*";  ///< the pattern of streams to show
  Millis stuck_after{0};
};

/// What has come since the last call.
struct News {
  std::optional<FoundStreams> all;
  std::vector<FoundStreams> some;  ///< looks at some streams, later than `all`
  std::optional<FoundPlace> place;
  std::optional<std::optional<Error>> trouble;  ///< the store's present trouble; nothing inside: the trouble is over
  std::vector<Result<std::string>> done;        ///< the results of actions, in order
};

/// No function blocks unless its comment says so. Threads: one.
class Lookout {
 public:
  /// `store` is opened as `options.open` opens it to look.
  Lookout(LookoutOptions options, std::unique_ptr<Store> store);
  /// Waits until the thread ends, unless the thread was given up.
  ~Lookout();
  Lookout(const Lookout&) = delete;
  Lookout& operator=(const Lookout&) = delete;

  /// Readable while there is news.
  int descriptor() const;
  News take();

  void want(const Want& want);
  void act(const Action& action);

  /// Waits until the thread does nothing, for a second at most; the thread stays idle until the next `want`. A process
  /// stopped by Ctrl-Z must not block others.
  void rest();

  /// Ends the thread. False: the thread still waits for the store and is given up, so the process has to end soon.
  bool end_within(Millis most);

 private:
  struct Shared;
  class Thread;
  std::shared_ptr<Shared> shared_;
  std::thread thread_;
};

}  // namespace weir::top
