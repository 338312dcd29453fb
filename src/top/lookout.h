// Looks at the store in a thread of its own, so that keys are answered while it is slow or out of reach.
//
// A file is looked at when it has changed, as its bell and data_version say, a server about once a second; neither more
// often than leaves most of the time free. All streams are looked at more rarely than what is on the screen.
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
  std::string pattern = "*";  ///< of the streams
  Millis stuck_after{0};
};

/// What came since it was asked for last.
struct News {
  std::optional<FoundStreams> all;
  std::vector<FoundStreams> some;  ///< after `all`
  std::optional<FoundPlace> place;
  std::optional<std::optional<Error>> trouble;  ///< what the store has now; nothing in it: it is well again
  std::vector<Result<std::string>> done;        ///< of actions, in their order
};

/// Threads: one. Nothing blocks but where it is said.
class Lookout {
 public:
  /// `store`: as `options.open` opens it to look.
  Lookout(LookoutOptions options, std::unique_ptr<Store> store);
  /// Waits for its thread, unless that was given up.
  ~Lookout();
  Lookout(const Lookout&) = delete;
  Lookout& operator=(const Lookout&) = delete;

  /// Readable when there is news.
  int descriptor() const;
  News take();

  void want(const Want& want);
  void act(const Action& action);

  /// Waits until it does nothing, for a second at most: it stays so until the next `want`. Who is stopped (Ctrl-Z) must
  /// not stand in the way of others.
  void rest();

  /// Ends the thread. False: it still waits for the store, and is given up; the process has to end soon.
  bool end_within(Millis most);

 private:
  struct Shared;
  class Thread;
  std::shared_ptr<Shared> shared_;
  std::thread thread_;
};

}  // namespace weir::top
