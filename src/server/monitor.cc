// MONITOR: shows each command on one line for people.
#include <chrono>

#include "server/administration.h"
#include "text/numbers.h"
#include "text/quoted.h"
#include "text/words.h"

namespace weir::server {
namespace {

using command::Words;

constexpr std::string_view kRedacted = "(redacted)";
/// More of a line is not shown: each client that gave MONITOR gets its own copy in memory.
constexpr std::size_t kMuch = std::size_t{64} * 1024;

void append_shown(std::string& out, std::string_view word) {
  append_quoted(out, word.substr(0, kMuch));
  if (word.size() > kMuch) {
    out += "... (" + std::to_string(word.size() - kMuch) + " more bytes)";
  }
}

/// How many of the words after word `i` are a user name and a password.
std::size_t secrets_at(Words words, std::size_t i) {
  if (same_word(words[0], "auth")) {
    return i == 0 ? words.size() - 1 : 0;
  }
  if (same_word(words[0], "config")) {
    return i == 2 && same_word(words[i], "requirepass") ? 1 : 0;
  }
  return same_word(words[0], "hello") && i > 0 && same_word(words[i], "auth") ? 2 : 0;
}

}  // namespace

std::string monitor_line(const Client& client, Words words) {
  constexpr std::int64_t kMicros = 1'000'000;
  constexpr std::size_t kDigits = 6;
  const auto now =
      std::chrono::duration_cast<std::chrono::microseconds>(std::chrono::system_clock::now().time_since_epoch())
          .count();
  const std::string micros = std::to_string(now % kMicros);
  std::string line = "+" + std::to_string(now / kMicros) + "." + std::string(kDigits - micros.size(), '0') + micros +
                     " [0 " + client.address + "]";
  std::size_t secret = 0;
  for (std::size_t i = 0; i < words.size(); ++i) {
    line.push_back(' ');
    if (line.size() > kMuch) {
      line += "... (" + std::to_string(words.size() - i) + " more words)";
      break;
    }
    append_shown(line, secret > 0 ? kRedacted : words[i]);
    secret = secret > 0 ? secret - 1 : secrets_at(words, i);
  }
  return line + "\r\n";
}

}  // namespace weir::server
