// Replies of a server: any bytes are a value or an error, and the memory for them has a bound. The reply made of a
// value can be written as RESP, and is the same when read again.
#include <hiredis/hiredis.h>

#include <memory>

#include "fuzz/fuzz.h"
#include "io/write.h"
#include "redis/translate/decode.h"
#include "redis/wire/command.h"
#include "redis/wire/reply_bounds.h"
#include "redis/wire/server_error.h"

using namespace weir;
using fuzz::hold;

namespace {

// A connection without a socket: what comes is what is fed.
class Wire {
 public:
  Wire() {
    context_.reader = redisReaderCreate();
    bounds_ = redis::ReplyBounds::put_on(context_);
  }
  ~Wire() { redisReaderFree(context_.reader); }
  Wire(const Wire&) = delete;
  Wire& operator=(const Wire&) = delete;

  void feed(std::string_view bytes) { redisReaderFeed(context_.reader, bytes.data(), bytes.size()); }

  /// As Connection::receive_until does it: a reply, null if more has to come; nothing if it is none of a server's.
  std::optional<redis::ReplyPtr> next() {
    void* reply = nullptr;
    const bool taken = redisReaderGetReply(context_.reader, &reply) == REDIS_OK;
    redis::ReplyPtr owned(static_cast<redisReply*>(reply));
    if (bounds_->broken(*context_.reader) || !taken) {
      return std::nullopt;
    }
    if (owned != nullptr) {
      bounds_->begin_reply();
    }
    return owned;
  }

 private:
  redisContext context_{};
  std::shared_ptr<redis::ReplyBounds> bounds_;
};

template <typename R>
std::optional<Reply> decoded(const R& request, const redisReply* reply) {
  bool odd = false;
  const redis::Value value(reply, &odd);
  const auto result = redis::decode(request, redis::Values(&value, 1));
  return result && !odd ? std::optional<Reply>(*result) : std::nullopt;
}

std::string json_of(const Reply& reply) {
  std::string out;
  io::write_json(out, reply);
  return out;
}

// As an answer to this request, if it can be one.
template <typename R>
void check_as(const R& request, const redisReply* reply) {
  const auto first = decoded(request, reply);
  if (!first) {
    return;
  }
  const std::string shown = json_of(*first);
  std::string text;
  io::write_lines(text, *first);
  io::write_redis_text(text, *first);
  std::string wire;
  io::write_resp(wire, *first);
  hold(fuzz::are_resp_replies(wire, 1), "what is written as RESP is one reply", wire);
  Wire again;
  again.feed(wire);
  const auto read = again.next();
  hold(read && *read != nullptr, "what is written as RESP is read", wire);
  const auto second = decoded(request, read->get());
  hold(second && json_of(*second) == shown, "what is written and read again is the same", wire);
}

void check(const redisReply* reply) {
  check_as(Xadd{}, reply);
  check_as(Xlen{}, reply);
  check_as(Xsetid{}, reply);
  check_as(Xrange{}, reply);
  check_as(Xread{}, reply);
  check_as(Xreadgroup{}, reply);
  check_as(XgroupCreate{}, reply);
  check_as(XpendingSummary{}, reply);
  check_as(Xpending{}, reply);
  check_as(Xclaim{}, reply);
  check_as(Xautoclaim{}, reply);
  check_as(XinfoStream{}, reply);
  check_as(XinfoStreamFull{}, reply);
  check_as(XinfoGroups{}, reply);
  check_as(XinfoConsumers{}, reply);
  check_as(Keys{}, reply);
  bool odd = false;
  // A status with half of a line end in it is made one line.
  if (const redis::Value value(reply, &odd); value.text().find_first_of("\r\n") == std::string_view::npos) {
    check_as(Type{}, reply);
  }
  if (const redis::Value value(reply, &odd); value.is_error()) {
    static_cast<void>(redis::server_error(value.text()));
    static_cast<void>(redis::parse_redirect(value.text()));
  } else {
    static_cast<void>(value.plain());
  }
}

// What weir sends is what a server reads.
void check_command(std::string_view bytes) {
  const auto words = fuzz::lines_of(bytes);
  if (words.empty()) {
    return;
  }
  redis::WireCommand command(words[0]);
  for (std::size_t i = 1; i < words.size(); ++i) {
    command.add(words[i]);
  }
  std::string sent;
  command.append_to(sent);
  Wire wire;
  wire.feed(sent);
  const auto read = wire.next();
  hold(read && *read != nullptr && (*read)->elements == words.size(), "a command is sent with all of its words", bytes);
  bool odd = false;
  const redis::Value value(read->get(), &odd);
  for (std::size_t i = 0; i < words.size(); ++i) {
    hold(value[i].text() == words[i], "a word is sent as it is", words[i]);
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) {
    return 0;
  }
  std::string_view rest = fuzz::text_of(data + 1, size - 1);
  check_command(rest);
  // In pieces, as a network hands them out.
  const std::size_t piece = data[0] < 128 ? rest.size() : data[0] - 127U;
  Wire wire;
  while (!rest.empty()) {
    wire.feed(rest.substr(0, piece));
    rest.remove_prefix(std::min(piece, rest.size()));
    auto reply = wire.next();
    for (; reply && *reply != nullptr; reply = wire.next()) {
      check(reply->get());
    }
    if (!reply) {
      break;
    }
  }
  return 0;
}
