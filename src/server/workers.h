// The threads that use the store: one thread writes, in as few commits as it can, and a few threads do looks. Each
// thread has a store object of its own.
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
  /// A worker's thread calls `done` with finished units; `done` may not block. It calls `lost` if there is not even
  /// memory to say what failed: then that thread ends, and the units at hand are never answered. Requires: one store to
  /// write and at least one to look. `lines` has to outlive the object. Throws std::system_error if the system allows
  /// no more threads.
  Workers(std::unique_ptr<Store> writing, std::vector<std::unique_ptr<Store>> looking, Lines& lines,
          std::function<void(std::vector<std::unique_ptr<Unit>>)> done, std::function<void(const Error&)> lost);
  /// Waits for the units that are running; units that have not begun are forgotten.
  ~Workers();
  Workers(const Workers&) = delete;
  Workers& operator=(const Workers&) = delete;

  void add(std::unique_ptr<Unit> unit);

  /// Does the units in the calling thread, if nobody else is writing: for small units, handing them to another thread
  /// and back would cost more than the work itself. False: the caller has to `add` them. Requires: only one thread
  /// calls `do_at_once` and `add`.
  bool do_at_once(std::span<Unit* const> units);

 private:
  void write();
  void look(Store& store);
  template <typename Work>
  void run(Work&& work);
  void end();

  std::function<void(std::vector<std::unique_ptr<Unit>>)> done_;
  std::function<void(const Error&)> lost_;
  std::vector<std::unique_ptr<Store>> stores_;
  SharedStore writing_store_;  ///< refers to one of `stores_`
  std::mutex mutex_;
  std::condition_variable writes_there_;
  std::condition_variable looks_there_;
  std::deque<std::unique_ptr<Unit>> writes_;
  std::deque<std::unique_ptr<Unit>> looks_;
  bool writing_ = false;  ///< a thread is using the store to write
  bool ending_ = false;
  std::vector<std::thread> threads_;
};

}  // namespace weir::server
