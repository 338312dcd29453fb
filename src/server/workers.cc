#include "server/workers.h"

#include <algorithm>
#include <iterator>
#include <new>

namespace weir::server {

Workers::Workers(std::unique_ptr<Store> writing, std::vector<std::unique_ptr<Store>> looking, Lines& lines,
                 std::function<void(std::vector<std::unique_ptr<Unit>>)> done, std::function<void(const Error&)> lost)
    : done_(std::move(done)), lost_(std::move(lost)), writing_store_(*writing, lines) {
  threads_.reserve(looking.size() + 1);
  stores_.reserve(looking.size() + 1);
  stores_.push_back(std::move(writing));
  std::ranges::move(looking, std::back_inserter(stores_));
  try {
    threads_.emplace_back([this] { run([this] { write(); }); });
    for (std::size_t i = 1; i < stores_.size(); ++i) {
      threads_.emplace_back([this, store = stores_[i].get()] { run([this, store] { look(*store); }); });
    }
  } catch (...) {
    end();
    throw;
  }
}

Workers::~Workers() {
  end();
}

template <typename Work>
void Workers::run(Work&& work) {
  try {
    work();
  } catch (const std::bad_alloc&) {
    lost_({Failure::store, "out of memory"});  // short enough to need none
  }
}

void Workers::end() {
  {
    const std::lock_guard lock(mutex_);
    ending_ = true;
  }
  writes_there_.notify_all();
  looks_there_.notify_all();
  for (std::thread& thread : threads_) {
    thread.join();
  }
}

void Workers::add(std::unique_ptr<Unit> unit) {
  const bool writes = unit->writes;
  {
    const std::lock_guard lock(mutex_);
    (writes ? writes_ : looks_).push_back(std::move(unit));
  }
  (writes ? writes_there_ : looks_there_).notify_one();
}

bool Workers::do_at_once(std::span<Unit* const> units) {
  {
    const std::lock_guard lock(mutex_);
    if (writing_ || !writes_.empty()) {
      return false;
    }
    writing_ = true;
  }
  const bool done = server::do_at_once(writing_store_, units);
  const std::lock_guard lock(mutex_);
  writing_ = false;
  return done;
}

void Workers::write() {
  // Units that arrived while the last commit was being written to the disk share the next commit.
  constexpr std::size_t kMostAsks = 10'000;
  std::vector<Unit*> batch;
  std::vector<std::unique_ptr<Unit>> units;
  while (true) {
    {
      std::unique_lock lock(mutex_);
      writes_there_.wait(lock, [&] { return ending_ || !writes_.empty(); });
      if (ending_) {
        return;
      }
      writing_ = true;
      std::size_t asks = 0;
      while (!writes_.empty() && asks < kMostAsks) {
        asks += writes_.front()->asks.size();
        batch.push_back(writes_.front().get());
        units.push_back(std::move(writes_.front()));
        writes_.pop_front();
      }
    }
    do_together(writing_store_, batch);
    batch.clear();
    done_(std::exchange(units, {}));
    const std::lock_guard lock(mutex_);
    writing_ = false;
  }
}

void Workers::look(Store& looking) {
  const SharedStore store(looking, writing_store_.lines);
  while (true) {
    std::vector<std::unique_ptr<Unit>> units;
    {
      std::unique_lock lock(mutex_);
      looks_there_.wait(lock, [&] { return ending_ || !looks_.empty(); });
      if (ending_) {
        return;
      }
      units.push_back(std::move(looks_.front()));
      looks_.pop_front();
    }
    do_looks(store, *units.front());
    done_(std::move(units));
  }
}

}  // namespace weir::server
