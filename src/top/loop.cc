#include "top/loop.h"

#include <poll.h>
#include <unistd.h>

#include <array>

#include "system/clock.h"

namespace weir::top {
namespace {

Now now() {
  return {unix_now(), std::chrono::steady_clock::now()};
}

/// The time until ages change to the next second.
int until_next_second() {
  constexpr int kSecond = 1000;
  return kSecond - static_cast<int>(unix_now().count() % kSecond);
}

}  // namespace

void run(Screen& screen, App& app, Lookout& lookout, const Outside& outside) {
  std::optional<Want> wanted;
  const auto tell_what_is_wanted = [&] {
    if (const Want want = app.want(); want != wanted) {
      lookout.want(want);
      wanted = want;
    }
  };
  while (true) {
    app.resize(screen.size());
    screen.draw(app.frame(now()));
    tell_what_is_wanted();
    std::array<pollfd, 4> fds{{{STDIN_FILENO, POLLIN, 0},
                               {outside.stop, POLLIN, 0},
                               {outside.change, POLLIN, 0},
                               {lookout.descriptor(), POLLIN, 0}}};
    ::poll(fds.data(), fds.size(), until_next_second());
    if (fds[1].revents != 0) {
      return;
    }
    if (fds[2].revents != 0 && outside.taken()) {
      lookout.rest();
      screen.leave();
      outside.suspend();
      screen.come_back();
      wanted.reset();
      continue;
    }
    if (fds[3].revents != 0) {
      app.take(lookout.take(), now());
    }
    if (fds[0].revents == 0) {
      continue;
    }
    bool any = false;
    while (const auto key = screen.key()) {
      any = true;
      if (!app.press(*key, now())) {
        return;
      }
      if (const auto action = app.take_action()) {
        lookout.act(*action);
      }
    }
    if (!any && (fds[0].revents & (POLLHUP | POLLERR | POLLNVAL)) != 0) {
      return;  // the terminal has vanished
    }
  }
}

}  // namespace weir::top
