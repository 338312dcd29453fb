// Turns lines of JSON into one array or into columns, on their way out.
#pragma once

#include <string>
#include <string_view>

namespace weir::io {

/// Takes whole lines, each one JSON value or bare text (an ID, a name). Gives whole lines, too, so that a reader who
/// follows the output sees each of them as it comes.
class Frame {
 public:
  Frame() = default;
  virtual ~Frame() = default;
  Frame(const Frame&) = delete;
  Frame& operator=(const Frame&) = delete;

  virtual void add(std::string& out, std::string_view lines) = 0;
  /// Ends the output. `complete`: nothing went wrong, so the frame also appears if there were no lines.
  virtual void end(std::string& out, bool complete) = 0;

 protected:
  /// Calls `see` with each line that is not empty.
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

/// Drops all lines.
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
