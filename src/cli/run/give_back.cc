#include "cli/run/give_back.h"

#include <algorithm>

namespace weir::cli {

void give_back(Store& store, const Xreadgroup& request, StreamEntries taken) {
  for (Entries& of_stream : taken) {
    const auto source = std::ranges::find(request.sources, of_stream.stream, &Xreadgroup::Source::stream);
    if (request.noack || source == request.sources.end() || source->history_after) {
      continue;
    }
    Xnack nack;
    nack.stream = of_stream.stream;
    nack.group = request.group;
    nack.owner = request.consumer;
    nack.blame = Xnack::Blame::silent;
    for (const Entry& entry : of_stream.entries) {
      nack.ids.push_back(entry.id);
    }
    of_stream.entries = {};
    static_cast<void>(store.run(nack));
  }
}

}  // namespace weir::cli
