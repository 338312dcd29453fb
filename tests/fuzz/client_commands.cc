// Bytes that a client of `weir serve` sends: any bytes are commands or an error, the same however the network cuts them
// up, and the memory for them has a bound.
#include <string>
#include <vector>

#include "fuzz/fuzz.h"
#include "io/command_reader.h"

using namespace weir;
using fuzz::hold;

namespace {

// What has been found, and why it ended.
struct Heard {
  std::vector<std::vector<std::string>> commands;
  std::string error;
  bool operator==(const Heard&) const = default;
};

Heard hear(std::string_view bytes, std::size_t piece, const io::CommandLimits& limits) {
  io::CommandReader reader;
  reader.limit(limits);
  Heard heard;
  for (std::string_view rest = bytes; !rest.empty();) {
    const std::string_view now = rest.substr(0, piece);
    const auto room = reader.room(now.size());
    hold(room.size() >= now.size(), "there is as much room as was asked for", bytes);
    now.copy(room.data(), now.size());
    reader.add(now.size());
    rest.remove_prefix(now.size());
    auto found = reader.look();
    for (; found == io::CommandReader::Found::command; found = reader.look()) {
      hold(!reader.words().empty(), "a command has a word", bytes);
      heard.commands.emplace_back(reader.words().begin(), reader.words().end());
      reader.consume();
    }
    if (found == io::CommandReader::Found::broken) {
      heard.error = reader.error();
      hold(!heard.error.empty(), "an error says why", bytes);
      break;
    }
    hold(reader.size() <= bytes.size(), "no more is kept than has come", bytes);
    hold(reader.capacity() <= 4 * (bytes.size() + 1024), "memory has a bound", bytes);
  }
  return heard;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) {
    return 0;
  }
  const std::string_view bytes = fuzz::text_of(data + 1, size - 1);
  const std::size_t piece = 1 + data[0] % 32;
  for (const auto& limits : {io::CommandLimits{}, io::kStrangersLimits}) {
    hold(hear(bytes, bytes.size() + 1, limits) == hear(bytes, piece, limits), "pieces make no difference", bytes);
  }
  return 0;
}
