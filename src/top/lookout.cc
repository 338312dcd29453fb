#include "top/lookout.h"

#include <poll.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <condition_variable>
#include <deque>
#include <iterator>
#include <mutex>
#include <new>
#include <stdexcept>
#include <utility>

#include "stream/watching.h"
#include "system/clock.h"
#include "system/no_signals.h"
#include "system/pipe.h"
#include "top/look.h"

namespace weir::top {
namespace {

using std::chrono::steady_clock;
using namespace std::chrono_literals;

/// What is on the screen is looked at so often at most, and that takes at most a fifth of a core.
constexpr Millis kBetweenLooks = 200ms;
constexpr int kRestAfterLook = 4;
/// The same for all streams, with at most a tenth of a core.
constexpr Millis kBetweenLooksAtAll = 1s;
constexpr int kRestAfterAll = 9;
/// Look after so long even without a change, as a stream becomes stuck by the clock.
constexpr Millis kLookAnyway = 10s;
/// For stores that do not report changes, with about a hundredth of a core at most. The time of a look has in it what
/// the store was out of reach, so the rest has an end.
constexpr Millis kPoll = 1s;
constexpr int kRestAfterPoll = 100;
constexpr Millis kLongestRestAfterPoll = 10s;
constexpr Millis kRetry = 1s;

void poke(const Pipe& pipe) {
  [[maybe_unused]] const auto written = ::write(pipe.write.get(), "", 1);
}

void drain(const Pipe& pipe) {
  std::array<char, 64> bytes;
  while (::read(pipe.read.get(), bytes.data(), bytes.size()) > 0) {
  }
}

Pipe nonblocking_pipe() {
  Pipe pipe = make_pipe();
  set_nonblocking(pipe.read.get());
  set_nonblocking(pipe.write.get());
  return pipe;
}

}  // namespace

struct Lookout::Shared {
  explicit Shared(LookoutOptions all) : options(std::move(all)) {}

  const LookoutOptions options;
  const Pipe to_looker = nonblocking_pipe();
  const Pipe to_owner = nonblocking_pipe();

  std::mutex mutex;
  std::condition_variable changed;
  // The mutex guards all of these.
  Want want;
  bool wanted = false;
  std::deque<Action> actions;
  News news;
  bool resting = false;  ///< the thread does nothing until the next `want`
  bool asleep = false;
  bool end = false;
  bool ended = false;

  void tell(const std::function<void(News&)>& change) {
    {
      const std::lock_guard lock(mutex);
      change(news);
    }
    poke(to_owner);
  }
};

/// The work of the thread, which alone uses its store.
class Lookout::Thread {
 public:
  Thread(std::shared_ptr<Shared> shared, std::unique_ptr<Store> store) : shared_(std::move(shared)) {
    take(std::move(store));
  }

  void run() {
    bool goes_on = true;
    while (goes_on) {
      try {
        goes_on = step();
      } catch (const std::bad_alloc&) {
        without_memory();
      }
    }
  }

 private:
  static SteadyTime now() { return steady_clock::now(); }

  void take(std::unique_ptr<Store> store) {
    store_ = std::move(store);
    store_->set_interrupt(shared_->to_looker.read.get());
    watching_ = dynamic_cast<Watching*>(store_.get());
    here_.dirty = all_.dirty = true;
    here_.next = all_.next = now();
  }

  /// One round. False: the thread is to end.
  bool step() {
    try {
      if (!take_orders()) {
        return false;
      }
      look();
    } catch (const std::runtime_error& error) {  // a dead letter has its fields as JSON, and simdjson is missing
      trouble(Error{Failure::store, error.what()});
    }
    return true;
  }

  /// Does the actions that were asked for. False: the thread is to end.
  bool take_orders() {
    std::unique_lock lock(shared_->mutex);
    drain(shared_->to_looker);
    if (shared_->end) {
      return false;
    }
    if (std::exchange(shared_->wanted, false)) {
      take_want(shared_->want);
    }
    while (!shared_->actions.empty()) {
      const Action action = std::move(shared_->actions.front());
      shared_->actions.pop_front();
      lock.unlock();
      do_now(action);
      lock.lock();
    }
    return true;
  }

  void take_want(const Want& want) {
    const bool elsewhere = want_.place != want.place;
    if (elsewhere || want.visible_is_all != want_.visible_is_all) {
      looked_here_ = false;
      if (want.visible_is_all) {
        all_.dirty = true;
        all_.next = now();
      }
    }
    // Streams that only scroll by are not looked at each time.
    constexpr Millis kScrolling = 50ms;
    here_.dirty = true;
    here_.next = elsewhere ? now() : std::max<SteadyTime>(now(), here_.at + kScrolling);
    want_ = want;
  }

  void do_now(const Action& action) {
    const auto act_on_store = [&]() -> Result<std::string> {
      if (!store_) {
        return fail(Failure::store, "nothing was done: the store is out of reach");
      }
      WEIR_ASSIGN(const auto store, shared_->options.open(Access::make));
      return top::act(*store, action);
    };
    done_.push_back(act_on_store());
    here_.dirty = all_.dirty = true;
    here_.next = all_.next = now();
    looked_here_ = false;
  }

  /// Reports actions after the look that shows their effect.
  void tell_what_was_done() {
    if (!done_.empty()) {
      shared_->tell([&](News& news) { std::ranges::move(done_, std::back_inserter(news.done)); });
      done_.clear();
    }
  }

  void look() {
    if (is_resting() || (want_.paused && looked_here_)) {
      sleep(Millis(-1));
      return;
    }
    if (!store_) {
      auto store = shared_->options.open(Access::look);
      if (!store) {
        trouble(store.error());
        return;
      }
      take(std::move(*store));
    }
    if (const auto looked = look_and_wait(); !looked) {
      trouble(looked.error());
    }
  }

  void trouble(const Error& error) {
    watching_ = nullptr;
    store_.reset();
    in_trouble_ = true;
    shared_->tell([&](News& news) { news.trouble.emplace(error); });
    tell_what_was_done();
    sleep(kRetry);
  }

  /// Needs none itself: the message is short.
  void without_memory() {
    watching_ = nullptr;
    store_.reset();
    in_trouble_ = true;
    shared_->tell([](News& news) { news.trouble.emplace(Error{Failure::store, "out of memory"}); });
    sleep(kRetry);
  }

  bool is_resting() {
    const std::lock_guard lock(shared_->mutex);
    return shared_->resting;
  }

  /// Sleeps until an order comes, at most `most`.
  void sleep(Millis most) {
    {
      const std::lock_guard lock(shared_->mutex);
      shared_->asleep = true;
      shared_->changed.notify_all();
    }
    pollfd fd{shared_->to_looker.read.get(), POLLIN, 0};
    ::poll(&fd, 1, static_cast<int>(most.count()));
    const std::lock_guard lock(shared_->mutex);
    shared_->asleep = false;
  }

  Result<void> look_and_wait() {
    if (watching_ != nullptr && !watching_->watch()) {
      watching_ = nullptr;  // a user who may only read the file has no bell
    }
    if (all_.dirty && now() >= all_.next) {
      WEIR_TRY(look_at_all_streams());
    }
    if (here_.dirty && now() >= here_.next) {
      WEIR_TRY(look_here());
    }
    if (std::exchange(in_trouble_, false)) {
      shared_->tell([](News& news) { news.trouble.emplace(); });
    }
    tell_what_was_done();
    return wait();
  }

  Result<void> look_at_all_streams() {
    const SteadyTime begun = now();
    WEIR_ASSIGN(FoundStreams found,
                look_at_all(*store_, shared_->options.pattern, want_, shared_->options.stuck_after));
    delayed_due_ = SteadyTime::max();
    for (const SeenStream& stream : found.streams) {
      if (stream.queue.delayed.count > 0) {
        delayed_due_ = std::min(delayed_due_, later(now(), stream.queue.delayed.left));
      }
    }
    shared_->tell([&](News& news) {
      news.some.clear();
      news.all = std::move(found);
    });
    all_.looked(kBetweenLooksAtAll, rest_since(begun, kRestAfterAll));
    if (want_.place.kind == Kind::streams) {
      here_.looked(kBetweenLooks, {});
      looked_here_ = true;
    }
    return {};
  }

  Result<void> look_here() {
    const SteadyTime begun = now();
    const Millis stuck_after = shared_->options.stuck_after;
    if (want_.place.kind == Kind::streams) {
      WEIR_ASSIGN(FoundStreams found, look_at_some(*store_, want_.visible, stuck_after));
      shared_->tell([&](News& news) {
        constexpr std::size_t kEnough = 4;
        if (news.some.size() >= kEnough) {
          news.some.erase(news.some.begin());
        }
        news.some.push_back(std::move(found));
      });
    } else {
      WEIR_ASSIGN(FoundPlace found, look_at_place(*store_, want_, stuck_after));
      shared_->tell([&](News& news) { news.place = std::move(found); });
    }
    here_.looked(kBetweenLooks, rest_since(begun, kRestAfterLook));
    looked_here_ = true;
    return {};
  }

  /// How long to rest after a look that began at `begun`.
  SteadyTime::duration rest_since(SteadyTime begun, int of_watching) const {
    const SteadyTime::duration took = now() - begun;
    return watching_ != nullptr ? of_watching * took
                                : std::min<SteadyTime::duration>(kRestAfterPoll * took, kLongestRestAfterPoll);
  }

  Result<void> wait() {
    if (watching_ == nullptr) {
      sleep(std::max(1ms, std::min(kPoll, std::chrono::ceil<Millis>(std::max(here_.next, here_.at + kPoll) - now()))));
      here_.dirty = all_.dirty = true;
      return {};
    }
    SteadyTime until = std::min(here_.at + kLookAnyway, delayed_due_);
    for (const Part* part : {&here_, &all_}) {
      until = part->dirty ? std::min(until, part->next) : until;
    }
    const Millis most = std::max(1ms, std::chrono::ceil<Millis>(until - now()));
    if (here_.dirty) {
      sleep(most);
      return {};
    }
    {
      const std::lock_guard lock(shared_->mutex);
      shared_->asleep = true;
      shared_->changed.notify_all();
    }
    auto changed = watching_->await_change(most);
    {
      const std::lock_guard lock(shared_->mutex);
      shared_->asleep = false;
    }
    WEIR_TRY(changed);
    if (*changed) {
      here_.dirty = true;
      all_.dirty = all_.dirty || now() < until || now() >= delayed_due_;
      delayed_due_ = now() >= delayed_due_ ? SteadyTime::max() : delayed_due_;
    } else {
      sleep(kBetweenLooks);  // an order has come, or the process is to end
    }
    return {};
  }

  struct Part {
    bool dirty = true;
    SteadyTime at;    ///< when the last look was
    SteadyTime next;  ///< the next look is not before this time
    void looked(Millis between, SteadyTime::duration rest) {
      dirty = false;
      at = now();
      next = at + std::max<SteadyTime::duration>(between, rest);
    }
  };

  std::shared_ptr<Shared> shared_;
  std::unique_ptr<Store> store_;
  Watching* watching_ = nullptr;  ///< null: the store does not report changes
  Want want_;
  Part here_;
  Part all_;
  SteadyTime delayed_due_ = SteadyTime::max();  ///< when a delayed message becomes an entry, which no change announces
  bool looked_here_ = false;
  bool in_trouble_ = false;
  std::vector<Result<std::string>> done_;  ///< results of actions that were not reported yet
};

Lookout::Lookout(LookoutOptions options, std::unique_ptr<Store> store)
    : shared_(std::make_shared<Shared>(std::move(options))) {
  const NoSignals none;  // signals are for the thread that has the screen
  thread_ = std::thread([shared = shared_, opened = std::move(store)]() mutable {
    Thread(shared, std::move(opened)).run();
    const std::lock_guard lock(shared->mutex);
    shared->ended = true;
    shared->changed.notify_all();
  });
}

Lookout::~Lookout() {
  if (thread_.joinable()) {
    if (!end_within(Millis(0))) {
      thread_.join();
    }
  }
}

int Lookout::descriptor() const {
  return shared_->to_owner.read.get();
}

News Lookout::take() {
  const std::lock_guard lock(shared_->mutex);
  drain(shared_->to_owner);
  return std::exchange(shared_->news, {});
}

void Lookout::want(const Want& want) {
  {
    const std::lock_guard lock(shared_->mutex);
    shared_->want = want;
    shared_->wanted = true;
    shared_->resting = false;
  }
  poke(shared_->to_looker);
}

void Lookout::act(const Action& action) {
  {
    const std::lock_guard lock(shared_->mutex);
    shared_->actions.push_back(action);
  }
  poke(shared_->to_looker);
}

void Lookout::rest() {
  std::unique_lock lock(shared_->mutex);
  shared_->resting = true;
  poke(shared_->to_looker);
  shared_->changed.wait_for(lock, 1s, [&] { return shared_->asleep; });
}

bool Lookout::end_within(Millis most) {
  std::unique_lock lock(shared_->mutex);
  shared_->end = true;
  poke(shared_->to_looker);
  if (!shared_->changed.wait_for(lock, most, [&] { return shared_->ended; })) {
    if (most.count() > 0) {
      thread_.detach();
    }
    return false;
  }
  lock.unlock();
  thread_.join();
  return true;
}

}  // namespace weir::top
