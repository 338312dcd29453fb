// The threads that work on the store: one for all writes, which it does in as few commits as it can, and a few for
// looks. Each has a store of its own.
#pragma once

#include <condition_variable>
#include <deque>
#include <functional>
#include <memory>
#include <mutex>
#include <span>
#include <thread>
#include <vector>

#include "server/unit.h"

namespace weir::server {

class Workers {
 public:
  /// `done` is called in a worker's thread, with units that are, and may not block. Requires: a store for the writes
  /// and at least one for looks.
  /// Throws std::system_error where the system allows no more threads.
  Workers(std::unique_ptr<Store> writing, std::vector<std::unique_ptr<Store>> looking,
          std::function<void(std::vector<std::unique_ptr<Unit>>)> done);
  /// Ends once what runs has ended; what has not begun is forgotten.
  ~Workers();
  Workers(const Workers&) = delete;
  Workers& operator=(const Workers&) = delete;

  void add(std::unique_ptr<Unit> unit);

  /// Does them in the calling thread, if nobody else writes just now: handing over and back what is little costs more
  /// than the rest. False: they are to be added. Requires: one thread alone calls this and `add`.
  bool do_at_once(std::span<Unit* const> units);

 private:
  void write();
  void look(Store& store);
  void end();

  std::function<void(std::vector<std::unique_ptr<Unit>>)> done_;
  std::vector<std::unique_ptr<Store>> stores_;
  SharedStore writing_store_;  ///< one of them
  std::mutex mutex_;
  std::condition_variable writes_there_;
  std::condition_variable looks_there_;
  std::deque<std::unique_ptr<Unit>> writes_;
  std::deque<std::unique_ptr<Unit>> looks_;
  bool writing_ = false;  ///< somebody has the store for the writes
  bool ending_ = false;
  std::vector<std::thread> threads_;
};

}  // namespace weir::server
