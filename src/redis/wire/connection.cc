#include "redis/wire/connection.h"

#include <fcntl.h>
#include <poll.h>
#include <sys/socket.h>

#include <cerrno>
#include <utility>
#include <vector>

#include "redis/wire/command.h"
#include "redis/wire/reply_bounds.h"
#include "redis/wire/reply_types.h"
#include "redis/wire/server_error.h"
#include "redis/wire/tls.h"
#include "system/socket.h"
#include "system/system_reason.h"

namespace weir::redis {
namespace {

constexpr std::chrono::milliseconds kLongestPoll{60'000};

timeval as_timeval(std::chrono::milliseconds time) {
  timeval value{};
  value.tv_sec = static_cast<decltype(value.tv_sec)>(time.count() / 1000);
  value.tv_usec = static_cast<decltype(value.tv_usec)>(time.count() % 1000 * 1000);
  return value;
}

tl::unexpected<Lost> lost(std::string why, bool timed_out = false) {
  return tl::unexpected(Lost{std::move(why), timed_out, false});
}

tl::unexpected<Lost> misspoken(std::string why) {
  return tl::unexpected(Lost{std::move(why), false, true});
}

}  // namespace

void Connection::Close::operator()(redisContext* context) const {
  redisFree(context);
}

Result<Connection> Connection::open(const Endpoint& endpoint, const Timeouts& timeouts) {
  if (endpoint.tls) {
    WEIR_TRY(tls_is_available());
  }
  Connection connection;
  const timeval connect = as_timeval(timeouts.connect);
  connection.command_timeout_ = timeouts.command;
  connection.tls_ = endpoint.tls;
  connection.context_.reset(endpoint.path.empty()
                                ? redisConnectWithTimeout(endpoint.host.c_str(), endpoint.port, connect)
                                : redisConnectUnixWithTimeout(endpoint.path.c_str(), connect));
  redisContext* context = connection.context_.get();
  if (context == nullptr || context->err != 0) {
    return fail(Failure::store,
                "cannot reach the server at " + endpoint.name() + ": " +
                    (context == nullptr ? "out of memory" : context->errstr),
                "is it running, and is this its address?");
  }
  connection.context_.get_deleter().bounds = ReplyBounds::put_on(*context);
  if (!send_without_signal(context->fd)) {
    return fail(Failure::store, "cannot reach the server at " + endpoint.name() + ": it closed the connection");
  }
  ::fcntl(context->fd, F_SETFD, FD_CLOEXEC);  // the connection is logged in, so no child process may inherit it
  redisSetTimeout(context, as_timeval(timeouts.command));
  if (endpoint.path.empty()) {
    redisEnableKeepAlive(context);  // notices a vanished peer while a read is blocked
  } else {
    const int size = 1 << 20;  // for sockets in the file system; for TCP, the system chooses well itself
    setsockopt(context->fd, SOL_SOCKET, SO_SNDBUF, &size, sizeof size);
  }
  if (endpoint.tls) {
    WEIR_TRY(start_tls(context, endpoint));
  }
  WEIR_TRY(connection.log_in(endpoint));
  if constexpr (kReadsResp3) {
    WireCommand("HELLO").add("3").append_to(connection.greeting_);
  }
  return connection;
}

Result<void> Connection::log_in(const Endpoint& endpoint) {
  std::string wire;
  std::size_t commands = 0;
  if (!endpoint.password.empty()) {
    WireCommand auth("AUTH");
    if (!endpoint.user.empty()) {
      auth.add(endpoint.user);
    }
    auth.add(endpoint.password).append_to(wire);
    ++commands;
  }
  if (endpoint.database != 0) {
    WireCommand("SELECT").add(static_cast<std::uint64_t>(endpoint.database)).append_to(wire);
    ++commands;
  }
  if (commands == 0) {
    return {};
  }
  const auto cannot = [&](const std::string& why) {
    return fail(Failure::store, "cannot log in to the server at " + endpoint.name() + ": " + why);
  };
  if (const auto sent = send(wire); !sent) {
    return cannot(sent.error().why);
  }
  while (commands-- > 0) {
    const auto reply = receive();
    if (!reply) {
      return cannot(reply.error().why);
    }
    bool odd = false;
    if (const Value value(reply->get(), &odd); value.is_error()) {
      if (is_unknown_to_server(value.text())) {
        return cannot("the server does not know AUTH or SELECT");  // the server's own words repeat the password
      }
      Error error = server_error(value.text());
      error.failure = Failure::store;
      return tl::unexpected(std::move(error));
    }
  }
  return {};
}

bool Connection::hung_up() const {
  pollfd socket{context_->fd, POLLIN, 0};
  const bool unasked = context_->reader->pos < context_->reader->len;
  return context_->err != 0 || unasked || ::poll(&socket, 1, 0) != 0;
}

tl::expected<void, Lost> Connection::send(std::string_view wire) {
  if (greeting_.empty()) {
    return send_bytes(wire);
  }
  greeting_sent_ = true;
  return send_bytes(std::exchange(greeting_, {}).append(wire));
}

tl::expected<void, Lost> Connection::send_bytes(std::string_view wire) {
  if (tls_) {
    if (auto why = write_tls(context_.get(), wire)) {
      return lost(std::move(*why));
    }
    return {};
  }
  while (!wire.empty()) {
    const ssize_t written = ::send(context_->fd, wire.data(), wire.size(), kNoSignal);
    if (written < 0 && errno != EINTR) {
      const bool timed_out = errno == EAGAIN || errno == EWOULDBLOCK;
      return lost(timed_out ? "it takes nothing more" : system_reason(errno), timed_out);
    }
    wire.remove_prefix(written < 0 ? 0 : static_cast<std::size_t>(written));
  }
  return {};
}

tl::expected<ReplyPtr, Lost> Connection::receive() {
  auto reply = receive_until(Deadline::after(command_timeout_), -1);
  if (reply && !*reply) {
    return lost("no answer within " + std::to_string(command_timeout_.count()) + " ms", true);
  }
  return reply;
}

int Connection::descriptor() const {
  return context_->fd;
}

tl::expected<ReplyPtr, Lost> Connection::receive_until(const Deadline& deadline, std::span<const int> interrupts) {
  std::vector<pollfd> fds{pollfd{context_->fd, POLLIN, 0}};
  for (const int interrupt : interrupts) {
    if (interrupt >= 0) {  // poll refuses more descriptors than the process may open, even unused ones
      fds.push_back({interrupt, POLLIN, 0});
    }
  }
  while (true) {
    void* reply = nullptr;
    ReplyBounds& bounds = *context_.get_deleter().bounds;
    const bool taken = redisGetReplyFromReader(context_.get(), &reply) == REDIS_OK;
    if (auto why = bounds.broken(*context_->reader)) {
      freeReplyObject(reply);
      context_->err = REDIS_ERR_PROTOCOL;
      return misspoken(std::move(*why));
    }
    if (!taken) {
      return misspoken(context_->errstr);
    }
    if (reply != nullptr) {
      bounds.begin_reply();
      ReplyPtr owned(static_cast<redisReply*>(reply));
      if (is_asked_for(*owned)) {
        return owned;
      }
      if (deadline.passed()) {
        return ReplyPtr();
      }
      continue;
    }
    const auto left = deadline.left(kLongestPoll);
    const int ready = ::poll(fds.data(), static_cast<nfds_t>(fds.size()), static_cast<int>(left.count()));
    if (ready < 0 && errno != EINTR) {
      return lost(system_reason(errno));
    }
    if (fds[0].revents != 0 && ready > 0) {
      if ((tls_ ? read_tls(context_.get()) : redisBufferRead(context_.get())) != REDIS_OK) {
        return lost(context_->err == REDIS_ERR_EOF ? "the server closed the connection" : context_->errstr);
      }
    } else if (ready > 0 || deadline.passed()) {
      return ReplyPtr();
    }
  }
}

bool Connection::is_asked_for(const redisReply& reply) {
  return reply.type != kPush && !std::exchange(greeting_sent_, false);
}

}  // namespace weir::redis
