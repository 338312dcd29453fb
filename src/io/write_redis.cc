// Writes what `walk` hands over, as redis-cli's text or as RESP.
#include <algorithm>
#include <array>
#include <vector>

#include "io/reply_sink.h"
#include "io/resp.h"
#include "io/write.h"
#include "text/numbers.h"
#include "text/quoted.h"
#include "text/utf8.h"

namespace weir::io {
namespace {

/// An element of an array follows its number, padded to the width of the highest number. The first element is on the
/// line of the array itself; the others are indented so that they are below it.
class RedisText final : public ReplySink {
 public:
  explicit RedisText(std::string& out) : out_(out) {}

  void array(std::size_t size) override {
    begin();
    if (size == 0) {
      end("(empty array)");
      return;
    }
    open_.push_back({size, 0, std::to_string(size).size()});
  }
  void bulk(std::string_view bytes) override {
    begin();
    append_quoted(out_, bytes);
    end("");
  }
  void integer(std::int64_t value) override {
    begin();
    out_.append("(integer) ");
    append_number(out_, value);
    end("");
  }
  void nil() override {
    begin();
    end("(nil)");
  }
  void nil_array() override { nil(); }
  void status(std::string_view text) override {
    begin();
    end(text);
  }
  void error(std::string_view message) override {
    begin();
    out_.append("(error) ");
    end(one_line(message));
  }

 private:
  struct Level {
    std::size_t size;
    std::size_t done;
    std::size_t width;  ///< the width of the numbers
  };

  void begin() {
    if (open_.empty()) {
      return;
    }
    Level& level = open_.back();
    if (level.done > 0) {
      std::size_t indent = 0;
      for (std::size_t i = 0; i + 1 < open_.size(); ++i) {
        indent += open_[i].width + 2;
      }
      out_.append(indent, ' ');
    }
    const std::string number = std::to_string(++level.done);
    out_.append(level.width - number.size(), ' ').append(number).append(") ");
  }

  void end(std::string_view text) {
    out_.append(text).push_back('\n');
    while (!open_.empty() && open_.back().done == open_.back().size) {
      open_.pop_back();
    }
  }

  std::string& out_;
  std::vector<Level> open_;
};

void walk_all(Replies replies, ReplySink& sink) {
  sink.array(replies.size());
  for (const auto& reply : replies) {
    reply ? walk(*reply, sink) : sink.error(reply.error().message);
  }
}

}  // namespace

void write_redis_text(std::string& out, const Reply& reply) {
  RedisText text(out);
  walk(reply, text);
}

void write_redis_text(std::string& out, Replies replies) {
  RedisText text(out);
  walk_all(replies, text);
}

void write_redis_text_error(std::string& out, std::string_view message) {
  RedisText(out).error(message);
}

void write_resp(std::string& out, const Reply& reply) {
  Resp resp(out);
  walk(reply, resp);
}

void write_resp(std::string& out, Replies replies) {
  Resp resp(out);
  walk_all(replies, resp);
}

void write_resp3(std::string& out, const Reply& reply) {
  Resp3 resp(out);
  walk(reply, resp);
}

void write_resp3(std::string& out, Replies replies) {
  Resp3 resp(out);
  walk_all(replies, resp);
}

void write_resp_error(std::string& out, std::string_view message) {
  Resp(out).error(message);
}

}  // namespace weir::io
