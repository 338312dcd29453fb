// RESP: the bytes of a Redis server's answers.
#pragma once

#include <concepts>
#include <string>
#include <string_view>

#include "io/reply_sink.h"
#include "text/numbers.h"
#include "text/utf8.h"

namespace weir::io {

/// Writes RESP2 to the end of `out`, which must outlive the object.
class Resp : public ReplySink {
 public:
  explicit Resp(std::string& out) : out_(out) {}

  void array(std::size_t size) override { line('*', size); }
  void bulk(std::string_view bytes) override {
    line('$', bytes.size());
    out_.append(bytes).append("\r\n");
  }
  void integer(std::int64_t value) override { line(':', value); }
  void nil() override { out_.append("$-1\r\n"); }
  void nil_array() override { out_.append("*-1\r\n"); }
  void status(std::string_view text) override { simple('+', text); }
  void error(std::string_view message) override { simple('-', message); }
  /// The elements follow: a set in RESP3.
  virtual void set(std::size_t size) { array(size); }
  /// Text for people, on several lines; marked as such in RESP3.
  virtual void text(std::string_view text) { bulk(text); }

 protected:
  void line(char type, std::integral auto value) {
    out_.push_back(type);
    append_number(out_, value);
    out_.append("\r\n");
  }
  std::string& out() { return out_; }

 private:
  /// A line ends such a value, so line ends inside it are replaced.
  void simple(char type, std::string_view text) {
    out_.push_back(type);
    out_.append(one_line(text)).append("\r\n");
  }

  std::string& out_;
};

/// Writes RESP3, which a client requests with HELLO 3.
class Resp3 final : public Resp {
 public:
  using Resp::Resp;
  void map(std::size_t size) override { line('%', size); }
  void pairs(std::size_t size) override { map(size); }
  void pair() override {}
  void nil() override { out().append("_\r\n"); }
  void nil_array() override { nil(); }
  void set(std::size_t size) override { line('~', size); }
  void text(std::string_view text) override {
    constexpr std::string_view kFormat = "txt:";
    line('=', kFormat.size() + text.size());
    out().append(kFormat).append(text).append("\r\n");
  }
};

}  // namespace weir::io
