#include "redis/outcome_watch.h"

#include <poll.h>

#include <algorithm>

#include "redis/wire/command.h"
#include "stream/request.h"

namespace weir::redis {
namespace {

constexpr Millis kLongestToOpen{1'000};
constexpr Millis kPause{1'000};

WireCommand wait_for(const After& what) {
  WireCommand command("XREAD");
  command.add("COUNT").add("1").add("BLOCK").add("0").add("STREAMS");
  for (const std::string& key : what.keys) {
    command.add_key(key);
  }
  for (const std::string& id : what.ids) {
    command.add(id);
  }
  return command;
}

bool is_readable(int descriptor) {
  pollfd waiting{descriptor, POLLIN, 0};
  return descriptor >= 0 && ::poll(&waiting, 1, 0) > 0;
}

}  // namespace

OutcomeWatch::OutcomeWatch(const Timeouts& timeouts) : timeouts_(timeouts) {
  timeouts_.connect = std::min(timeouts_.connect, kLongestToOpen);
  timeouts_.command = std::min(timeouts_.command, kLongestToOpen);
}

/// Reads the answer, which is of no more use. False: the connection is lost.
bool OutcomeWatch::take(Line& line) {
  auto reply = line.connection->receive_until(Deadline::after(Millis(0)), -1);
  if (reply && !*reply) {
    return true;
  }
  line.keys.clear();
  bool odd = false;
  if (!reply || Value(reply->get(), &odd).is_error()) {
    line = Line();
    return false;
  }
  return true;
}

/// Makes sure that the line waits for entries in these streams.
bool OutcomeWatch::ask(Line& line, const Endpoint& node, const After& what) {
  if (line.connection && !line.keys.empty() && !take(line)) {
    return false;
  }
  if (line.connection && !line.keys.empty() && line.keys != what.keys) {
    line = Line();  // the line waits for other streams, and nothing would end that
  }
  if (!line.keys.empty() || what.keys.empty()) {
    return true;
  }
  if (!line.connection) {
    auto opened = Connection::open(node, timeouts_);
    if (!opened) {
      return false;
    }
    line.connection = std::move(*opened);
  }
  std::string wire;
  wait_for(what).append_to(wire);
  if (!line.connection->send(wire)) {
    line = Line();
    return false;
  }
  line.keys = what.keys;
  return true;
}

bool OutcomeWatch::rest(const Deadline& deadline, int interrupt) {
  pollfd waiting{interrupt, POLLIN, 0};
  return ::poll(&waiting, 1, static_cast<int>(deadline.left(kPause).count())) <= 0 && !deadline.passed();
}

bool OutcomeWatch::wait(const Endpoint& node, const After& streams, const After& bells, const Deadline& deadline,
                        int interrupt) {
  constexpr Millis kLongest{3'600'000};
  if (node.name() != node_) {
    streams_ = Line();
    bells_ = Line();
    node_ = node.name();
  }
  // If `streams` is empty, an answer for streams asked about earlier does not count, as nothing more may come there.
  const bool both = !streams.keys.empty();
  if (!ask(bells_, node, bells) || (both && !ask(streams_, node, streams))) {
    return rest(deadline, interrupt);
  }
  const auto descriptor = [](const Line& line) {
    return line.connection && !line.keys.empty() ? line.connection->descriptor() : -1;
  };
  std::array<pollfd, 3> waiting{pollfd{interrupt, POLLIN, 0}, pollfd{descriptor(bells_), POLLIN, 0},
                                pollfd{both ? descriptor(streams_) : -1, POLLIN, 0}};
  (void)::poll(waiting.data(), waiting.size(), static_cast<int>(deadline.left(kLongest).count()));
  return !is_readable(interrupt) && (waiting[1].revents != 0 || waiting[2].revents != 0);
}

}  // namespace weir::redis
