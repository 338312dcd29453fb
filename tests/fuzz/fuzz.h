// Shared by the fuzz targets: checks of properties, the input in pieces, and a database for trials.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace weir::fuzz {

/// Ends the run, which keeps the input, unless the property holds. `shown` is what it did not hold of.
void hold(bool property, std::string_view what, std::string_view shown = {});

inline std::string_view text_of(const std::uint8_t* data, std::size_t size) {
  return {reinterpret_cast<const char*>(data), size};
}

/// The text in front of the next `end`, which is taken off `rest`; all of it if there is none.
std::string_view take_until(std::string_view& rest, std::string_view end);
std::vector<std::string_view> lines_of(std::string_view text);
/// The words of a command line, one on each line of `text`. What is NUL there is a line end in a word.
std::vector<std::string> words_of(std::string_view text);

/// Whether `text` is UTF-8 that holds nothing that a terminal obeys, or that hides or turns what is beside it.
/// `allowed`: control characters that may stand in it all the same.
bool is_harmless(std::string_view text, std::string_view allowed = {});

/// Whether `bytes` are so many RESP replies, one after the other, and nothing else.
bool are_resp_replies(std::string_view bytes, std::size_t replies);

/// A folder in $TMPDIR, which is the current one while the target runs, and goes with it. In it `w.db` ($WEIR_DB) has
/// a stream "s" with entries, a group "g", and something pending.
class Folder {
 public:
  /// The one of this process.
  static Folder& get();
  ~Folder();
  Folder(const Folder&) = delete;
  Folder& operator=(const Folder&) = delete;

  /// Makes it as it was at first.
  void renew() const;
  const std::string& database() const { return database_; }  ///< the content of w.db
  const std::string& path() const { return path_; }
  /// Whether there is nothing but w.db, and what belongs beside it.
  bool has_only_database() const;

 private:
  std::vector<std::string> files() const;
  Folder();
  std::string path_;
  std::string database_;
};

void write_file(const std::string& path, std::string_view content);
std::string read_file(const std::string& path);

/// The program itself, in this process: what it reads from standard input, and what comes of it. As if it had been told
/// to stop, so that nothing waits.
struct Outcome {
  int status = 0;
  std::string out;
  std::string err;
};
Outcome run_weir(const std::vector<std::string>& words, std::string_view input);

}  // namespace weir::fuzz
