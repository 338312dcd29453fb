// A database with wrong bytes: every command ends, with an answer or a reported failure. The input is a byte that
// chooses the command, and patches. A patch is a place (two bytes, in units of eight, below the size of the file) and
// the byte to put there.
#include <array>

#include "fuzz/fuzz.h"

using namespace weir;
using fuzz::hold;

namespace {

using Words = std::vector<std::string>;

const std::vector<Words> kCommands{
    {"ls", "-l"},
    {"info", "stream", "s", "full"},
    {"xrange", "s"},
    {"xrevrange", "s", "+", "-"},
    {"xlen", "s"},
    {"pending", "s", "g"},
    {"pending", "s", "g", "-", "+", "10"},
    {"xreadgroup", "s", "--group", "g", "--consumer", "d"},
    {"xread", "s", "--follow"},
    {"autoclaim", "s", "g", "d", "0"},
    {"claim", "s", "g", "d", "0", "1-1", "5-1"},
    {"dead", "ls", "s"},
    {"dead", "requeue", "s", "--all"},
    {"xadd", "s", "a=b"},
    {"ack", "s", "g", "1-1"},
    {"nack", "s", "g", "5-1"},
    {"xdel", "s", "3-1"},
    {"xtrim", "s", "--maxlen", "1"},
    {"info", "groups", "s"},
    {"info", "consumers", "s", "g"},
    {"group", "delconsumer", "s", "g", "c"},
    {"rename", "s", "t"},
    {"del", "s"},
    {"__complete", "xrange", ""},
};

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  constexpr std::size_t kPatch = 4;
  if (size < 1 + kPatch || size > 1 + 16 * kPatch) {
    return 0;
  }
  const fuzz::Folder& folder = fuzz::Folder::get();
  std::string file = folder.database();
  for (std::size_t at = 1; at + kPatch <= size; at += kPatch) {
    const std::size_t place = (std::size_t{data[at]} << 16U | std::size_t{data[at + 1]} << 8U | data[at + 2]);
    file[place % file.size()] = static_cast<char>(data[at + 3]);
  }
  folder.renew();
  fuzz::write_file("w.db", file);
  const Words& words = kCommands[data[0] % kCommands.size()];
  const fuzz::Outcome outcome = fuzz::run_weir(words, {});
  const std::string& name = words[0];
  hold(outcome.status >= 0 && outcome.status <= 5 && outcome.status != 2, "a command ends with an answer or a failure",
       name);
  hold((outcome.status == 5) <= !outcome.err.empty(), "a failure is told", name);
  hold(fuzz::is_harmless(outcome.err, "\n"), "what is said is harmless to a terminal", outcome.err);
  return 0;
}
