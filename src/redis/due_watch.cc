#include "redis/due_watch.h"

#include <algorithm>
#include <utility>

#include "redis/sidecar_key.h"
#include "redis/translate/decode.h"

namespace weir::redis {
namespace {

using std::chrono::steady_clock;

/// Most reads that wait for the next message of a busy stream wait no longer than this.
constexpr Millis kMoment{3};
constexpr Millis kPause{1'000};
/// The second connection is opened so long before it is needed.
constexpr Millis kAhead{100};
constexpr Millis kLongestToOpen{1'000};
/// Look again so soon, as the server's clock may be set forward.
constexpr Millis kLookAgain{10'000};

WireCommand wait_for_bells(const std::vector<std::string>& streams, const std::vector<std::string>& rung) {
  WireCommand command("XREAD");
  command.add("BLOCK").add("0").add("STREAMS");
  for (const std::string& stream : streams) {
    command.add_key(sidecar_key("bell", stream));
  }
  for (const std::string& id : rung) {
    command.add(id);
  }
  return command;
}

bool tells_of_pause(Value rung) {
  const StreamEntries bells = stream_entries(rung);
  return std::ranges::any_of(bells, [](const Entries& bell) {
    return std::ranges::any_of(bell.entries, [](const Entry& entry) {
      return entry.fields && entry.fields->json().starts_with("{\"pause\":");
    });
  });
}

}  // namespace

DueWatch::DueWatch(const Timeouts& timeouts, FirstHandles& first_handles)
    : timeouts_(timeouts), first_handles_(first_handles) {
  timeouts_.connect = std::min(timeouts_.connect, kLongestToOpen);
  timeouts_.command = std::min(timeouts_.command, kLongestToOpen);
}

void DueWatch::close() {
  const bool again_at_once = failures_++ == 0;
  bell_ = Line();
  hand_ = Line();
  next_ = later(steady_clock::now(), again_at_once ? Millis(0) : kPause);
}

void DueWatch::begin(const Endpoint& node, const std::vector<std::string>& streams, Delayed delayed) {
  has_looked_ = false;
  appended_ = 0;
  told_of_pause_ = false;
  if (is_forbidden_) {
    return;
  }
  const auto now = steady_clock::now();
  if (node.name() != node_.name() || streams != streams_) {
    bell_ = Line();
    hand_ = Line();
    failures_ = 0;
    node_ = node;
    streams_ = streams;
  }
  if (!bell_.connection) {
    const SteadyTime soon = later(now, delayed == Delayed::maybe_now ? Millis(0) : kMoment);
    next_ = failures_ > 1 ? std::max(next_, soon) : soon;
  } else if (!bell_.asked && !hand_.asked && delayed != Delayed::later) {
    next_ = delayed == Delayed::none ? SteadyTime::max() : now;
  }
}

SteadyTime DueWatch::next() const {
  if (bell_.connection && (bell_.asked || hand_.asked)) {
    return SteadyTime::max();  // first the answer has to come
  }
  const bool has_to_open = bell_.connection && !hand_.connection && next_ != SteadyTime::max();
  return has_to_open ? next_ - kAhead : next_;
}

std::array<int, 2> DueWatch::descriptors() const {
  const auto of = [](const Line& line) { return line.connection ? line.connection->descriptor() : -1; };
  return {of(bell_), of(hand_)};
}

bool DueWatch::open(Line& line) {
  auto opened = Connection::open(node_, timeouts_);
  if (opened) {
    line.connection = std::move(*opened);
  } else {
    close();
  }
  return opened.has_value();
}

void DueWatch::ask(Line& line) {
  std::string wire;
  look(streams_).append_to(wire);
  const auto now = steady_clock::now();
  if (!line.connection->send(wire)) {
    close();
    return;
  }
  line.asked = now;
  next_ = SteadyTime::max();
}

/// The answer to a look. Nothing: it has not come yet, or the line was closed.
std::optional<Looked> DueWatch::take_look(Line& line) {
  const auto reply = line.connection->receive_until(Deadline::after(Millis(0)), -1);
  if (reply && !*reply) {
    return std::nullopt;
  }
  bool odd = !reply;
  std::optional<Looked> looked;
  if (reply) {
    const Value value(reply->get(), &odd);
    is_forbidden_ = redis::is_forbidden(value);
    odd = odd || value.is_error();
    if (!odd) {
      looked = decode_look(value);
    }
  }
  if (odd || looked->first.size() != streams_.size()) {
    close();
    next_ = is_forbidden_ ? SteadyTime::max() : next_;
    return std::nullopt;
  }
  failures_ = 0;
  has_looked_ = true;
  appended_ += looked->appended;
  const SteadyTime sent = *std::exchange(line.asked, std::nullopt);
  if (streams_.size() == 1) {
    first_handles_.note(streams_.front(), looked->first.front(), looked->left, sent);
  }
  if (looked->more) {
    ask(line);
    return std::nullopt;
  }
  if (looked->left) {
    next_ = std::min(next_, later(sent, looked->stuck ? kPause : std::min(*looked->left, kLookAgain)));
  }
  return looked;
}

void DueWatch::take_bell() {
  if (bell_.asked) {
    const auto looked = take_look(bell_);
    std::string wire;
    if (looked) {
      wait_for_bells(streams_, looked->rung).append_to(wire);
      if (!bell_.connection->send(wire)) {
        close();
      }
    }
    return;
  }
  const auto reply = bell_.connection->receive_until(Deadline::after(Millis(0)), -1);
  bool odd = false;
  if (!reply || (*reply && Value(reply->get(), &odd).is_error())) {
    close();
  } else if (*reply) {
    told_of_pause_ = told_of_pause_ || tells_of_pause(Value(reply->get(), &odd));
    ask(bell_);
  }
}

void DueWatch::go_on() {
  if (is_forbidden_) {
    return;
  }
  if (!bell_.connection) {
    if (steady_clock::now() >= next_ && open(bell_)) {
      ask(bell_);
    }
    return;
  }
  take_bell();
  if (hand_.asked) {
    take_look(hand_);
  } else if (hand_.connection && hand_.connection->hung_up()) {
    hand_ = Line();
  }
  if (!bell_.connection || bell_.asked || hand_.asked || steady_clock::now() < next()) {
    return;
  }
  if ((hand_.connection || open(hand_)) && steady_clock::now() >= next_) {
    ask(hand_);
  }
}

}  // namespace weir::redis
