// A connection to `weir serve`: whatever a client sends, the server lives, closes the connection once the client has
// ended it, and answers the next client. One server serves all inputs, as it serves all clients.
#include "fuzz/fuzz.h"
#include "support/served.h"

using namespace weir;
using fuzz::hold;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static const test::Served& server = *[] {
    server::Options options;
    options.max_bulk = std::size_t{1024} * 1024;
    return new test::Served(fuzz::Folder::get().path(), options);  // it ends with the process
  }();
  const std::string_view sent = fuzz::text_of(data, size);
  server.answer(sent);
  const std::string next = server.answer("FLUSHALL\r\nPING\r\n");
  hold(next == "+OK\r\n+PONG\r\n", "the next client is answered", std::string(sent) + " --> " + next);
  return 0;
}
