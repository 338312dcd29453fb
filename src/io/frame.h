// What is made of lines of JSON on their way out: one array, or columns.
#pragma once

#include <string>
#include <string_view>

namespace weir::io {

/// Takes whole lines, each one JSON value or, where that would be none, bare text (an ID, a name). What it makes is
/// whole lines too, so that whoever follows the output sees each of them when it comes.
class Frame {
 public:
  Frame() = default;
  virtual ~Frame() = default;
  Frame(const Frame&) = delete;
  Frame& operator=(const Frame&) = delete;

  virtual void add(std::string& out, std::string_view lines) = 0;
  /// What ends it. `complete`: nothing went wrong, so that it is told if nothing came.
  virtual void end(std::string& out, bool complete) = 0;

 protected:
  /// Calls `see` with each line that has something in it.
  template <typename See>
  static void each_line(std::string_view lines, See&& see) {
    while (!lines.empty()) {
      const std::size_t end = lines.find('\n');
      const std::string_view line = lines.substr(0, end);
      if (!line.empty()) {
        see(line);
      }
      lines.remove_prefix(end == std::string_view::npos ? lines.size() : end + 1);
    }
  }
};

/// Nothing.
class Silence : public Frame {
 public:
  void add(std::string& /*out*/, std::string_view /*lines*/) override {}
  void end(std::string& /*out*/, bool /*complete*/) override {}
};

/// `[`, the lines with commas between them, `]`.
class JsonArray : public Frame {
 public:
  void add(std::string& out, std::string_view lines) override;
  void end(std::string& out, bool complete) override;

 private:
  bool begun_ = false;
};

}  // namespace weir::io
