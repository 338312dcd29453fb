#include "redis/pipeline.h"

#include <chrono>
#include <thread>

#include "redis/translate/decode.h"
#include "redis/translate/encode.h"

namespace weir::redis {
namespace {

constexpr std::size_t kPiece =
    std::size_t{64} * 1024;                // send so many bytes at once: the server works while more is prepared
constexpr std::size_t kFirstPiece = 4096;  // sooner at the beginning, when the server has little to do
constexpr std::size_t kLittle = 100;
// While so many answers are missing, we sleep before we fetch them: waking us for every few answers would cost the
// server more than all else that we could do to it.
constexpr std::size_t kMany = 1000;
constexpr std::chrono::milliseconds kNap{1};

}  // namespace

tl::expected<void, Lost> Pipeline::send(const Xadd& entry, Slot& slot) {
  encode_into(command_, entry);
  command_.append_to(wire_);
  sent_.push_back({&entry, &slot});
  if (wire_.size() < (sent_.size() <= kLittle ? kFirstPiece : kPiece)) {
    return {};
  }
  return flush().and_then([this] { return take_ready(); });
}

tl::expected<void, Lost> Pipeline::flush() {
  auto sent = connection_.send(wire_);
  wire_.clear();
  if (!sent) {
    // Entries that were answered before the connection ended are known.
    while (!sent_.empty()) {
      const auto reply = connection_.receive_until(Deadline::after(Millis(0)), -1);
      if (!reply || !*reply) {
        break;
      }
      take(*reply);
    }
  }
  return sent;
}

tl::expected<void, Lost> Pipeline::take_ready() {
  while (!sent_.empty()) {
    auto reply = connection_.receive_until(Deadline::after(Millis(0)), -1);
    if (!reply) {
      return tl::unexpected(std::move(reply).error());
    }
    if (!*reply) {
      break;
    }
    take(*reply);
  }
  return {};
}

tl::expected<void, Lost> Pipeline::wait(std::size_t under_way) {
  if (!wire_.empty()) {
    if (auto sent = flush(); !sent) {
      return sent;
    }
  }
  while (sent_.size() > under_way) {
    if (sent_.size() - under_way > kMany) {
      std::this_thread::sleep_for(kNap);
    }
    auto reply = connection_.receive();
    if (!reply) {
      return tl::unexpected(std::move(reply).error());
    }
    take(*reply);
    if (auto taken = take_ready(); !taken) {
      return taken;
    }
  }
  return {};
}

void Pipeline::take(const ReplyPtr& reply) {
  if (sent_.empty()) {
    return;
  }
  const Sent sent = sent_.front();
  sent_.pop_front();
  bool odd = false;
  const Value value(reply.get(), &odd);
  const auto redirect = value.is_error() ? parse_redirect(value.text()) : std::nullopt;
  if (redirect) {
    if (auto followed = cluster_.follow(*redirect, node_); !followed) {
      *sent.slot = tl::unexpected(std::move(followed).error());
      stopped_ = true;
      return;
    }
  }
  *sent.slot = decode(*sent.entry, Values(&value, 1));
  if (odd) {
    *sent.slot = fail(Failure::store, "the server's answer has a shape that weir does not know");
  }
  stopped_ = stopped_ || (!**sent.slot && (redirect || (*sent.slot)->error().failure == Failure::store));
}

}  // namespace weir::redis
