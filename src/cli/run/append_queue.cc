#include "cli/run/append_queue.h"

#include <new>
#include <stdexcept>

namespace weir::cli {
namespace {

/// The next batch; turns exceptions into errors, as none may leave the thread.
Result<AppendBatch> next_of(AppendReader& reader, AppendBatch used) {
  try {
    return reader.next(std::move(used));
  } catch (const std::bad_alloc&) {
    return fail(Failure::store, "out of memory");
  } catch (const std::runtime_error& error) {  // simdjson is missing
    return fail(Failure::store, error.what());
  }
}

}  // namespace

AppendQueue::AppendQueue(AppendReader& reader)
    : shared_(std::make_shared<Shared>()), thread_([&reader, shared = shared_] { read_all(reader, shared); }) {}

AppendQueue::~AppendQueue() {
  if (ended_) {
    thread_.join();
    return;
  }
  {
    const std::lock_guard lock(shared_->mutex);
    shared_->closed = true;
  }
  shared_->changed.notify_all();
  thread_.detach();
}

void AppendQueue::read_all(AppendReader& reader, std::shared_ptr<Shared> shared) {
  constexpr std::size_t kAhead = 1;  // batches that are ready, in addition to the one being made
  while (true) {
    AppendBatch used;
    {
      const std::lock_guard lock(shared->mutex);
      std::swap(used, shared->used);
    }
    Result<AppendBatch> batch = next_of(reader, std::move(used));
    const bool last = !batch || batch->ended || batch->stopped;
    std::unique_lock lock(shared->mutex);
    shared->changed.wait(lock, [&] { return shared->closed || shared->batches.size() < kAhead; });
    if (shared->closed) {
      return;
    }
    shared->batches.push_back(std::move(batch));
    lock.unlock();
    shared->changed.notify_all();
    if (last) {
      return;
    }
  }
}

Result<AppendBatch> AppendQueue::next() {
  std::unique_lock lock(shared_->mutex);
  shared_->changed.wait(lock, [&] { return !shared_->batches.empty(); });
  return take(std::move(lock));
}

std::optional<Result<AppendBatch>> AppendQueue::next_if_ready() {
  std::unique_lock lock(shared_->mutex);
  return shared_->batches.empty() ? std::nullopt : std::optional(take(std::move(lock)));
}

Result<AppendBatch> AppendQueue::take(std::unique_lock<std::mutex> lock) {
  Result<AppendBatch> batch = std::move(shared_->batches.front());
  shared_->batches.pop_front();
  ended_ = !batch || batch->ended || batch->stopped;
  lock.unlock();
  shared_->changed.notify_all();
  return batch;
}

void AppendQueue::give_back(AppendBatch used) {
  const std::lock_guard lock(shared_->mutex);
  std::swap(shared_->used, used);  // a batch that the reader did not fetch is freed outside the lock
}

}  // namespace weir::cli
