#include "server/watcher.h"

#include <poll.h>
#include <unistd.h>

#include <array>
#include <new>

#include "stream/watching.h"
#include "system/clock.h"

namespace weir::server {
namespace {

constexpr Millis kLong = std::chrono::hours(1);
/// After each look, the watcher rests for so many times the look's duration: with very many waiting clients a look is
/// slow.
constexpr int kRestPerLook = 4;
/// How long the watcher waits after a failure of the store.
constexpr Millis kAfterFailure{250};

}  // namespace

Watcher::Watcher(std::unique_ptr<Store> store, Lines& lines, std::function<void(std::vector<Sharing::Awaited>)> ready,
                 std::function<void(const Error&)> lost)
    : store_(std::move(store)), lines_(lines), ready_(std::move(ready)), lost_(std::move(lost)), wake_(make_pipe()) {
  set_nonblocking(wake_.read.get());
  set_nonblocking(wake_.write.get());
  store_->set_interrupt(wake_.read.get());
  thread_ = std::thread([this] { run(); });
}

Watcher::~Watcher() {
  ending_ = true;
  nudge();
  thread_.join();
}

void Watcher::nudge() {
  [[maybe_unused]] const auto written = ::write(wake_.write.get(), "", 1);
}

void Watcher::watch(std::vector<Sharing::Awaited> awaited) {
  {
    const std::lock_guard lock(mutex_);
    awaited_ = std::move(awaited);
  }
  nudge();
}

bool Watcher::rest(Millis most) {
  pollfd woken{wake_.read.get(), POLLIN, 0};
  ::poll(&woken, 1, static_cast<int>(most.count()));
  return !ending_;
}

void Watcher::after(const Error& failure) {
  if (failure.cause == Cause::lasting) {
    lost_(failure);
  }
  rest(kAfterFailure);
}

void Watcher::run() {
  auto& watching = dynamic_cast<Watching&>(*store_);
  auto& sharing = dynamic_cast<Sharing&>(*store_);
  std::vector<Sharing::Awaited> awaited;
  while (true) {
    std::array<char, 64> drained{};
    while (::read(wake_.read.get(), drained.data(), drained.size()) > 0) {
    }
    // Checked only after the pipe is drained: the byte may have announced the end, and no other byte would come.
    if (ending_) {
      break;
    }
    try {
      {
        const std::lock_guard lock(mutex_);
        awaited = awaited_;
      }
      if (awaited.empty()) {
        rest(Millis(-1));
        continue;
      }
      const SteadyTime begun = std::chrono::steady_clock::now();
      if (auto watched = watching.watch(); !watched) {
        after(watched.error());
        continue;
      }
      auto seen = sharing.look(awaited, lines_);
      if (!seen) {
        after(seen.error());
        continue;
      }
      std::vector<Sharing::Awaited> ready;
      for (std::size_t i = 0; i < awaited.size(); ++i) {
        if (seen->ready[i]) {
          ready.push_back(std::move(awaited[i]));
        }
      }
      if (!ready.empty()) {
        ready_(std::move(ready));
      }
      const auto took = std::chrono::duration_cast<Millis>(std::chrono::steady_clock::now() - begun);
      if (took > Millis(0) && !rest(took * kRestPerLook)) {
        break;
      }
      if (auto changed = watching.await_change(seen->until_more.value_or(kLong)); !changed) {
        after(changed.error());
      }
    } catch (const std::bad_alloc&) {
      rest(kAfterFailure);
    }
  }
}

}  // namespace weir::server
