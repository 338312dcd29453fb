#include "stream/store.h"

#include <utility>

#include "text/utf8.h"

namespace weir {

Result<Reply> Store::execute(const Request& request) {
  return std::visit(
      [this](const auto& r) -> Result<Reply> {
        auto reply = run(r);
        if (!reply) {
          return tl::unexpected<Error>(std::move(reply).error());
        }
        return Reply(std::move(*reply));
      },
      request);
}

Result<Names> Store::names_from(std::string_view prefix, std::size_t most) {
  WEIR_ASSIGN(Names names, run(Keys{}));
  std::erase_if(names.names, [prefix](const std::string& name) { return !name.starts_with(prefix) || !is_utf8(name); });
  if (names.names.size() > most) {
    std::swap(names.names[most - 1], names.names.back());
    names.names.resize(most);
  }
  return names;
}

Result<std::uint64_t> Store::size(const std::string& stream) {
  constexpr std::uint64_t kSample = 500;  // entries from either end
  // What an entry's row takes beside the fields: position, ID, lengths, and a share of half-empty pages.
  constexpr std::uint64_t kEntry = 40;
  constexpr std::uint64_t kPending = 100;
  constexpr std::uint64_t kStream = 100;
  WEIR_ASSIGN(const StreamInfo info, run(XinfoStream{stream}));
  WEIR_ASSIGN(const GroupInfos groups, run(XinfoGroups{stream}));
  std::uint64_t looked_at = 0;
  std::uint64_t bytes = 0;
  for (const bool reverse : {false, true}) {
    Xrange range;
    range.stream = stream;
    range.reverse = reverse;
    range.count = kSample;
    WEIR_ASSIGN(const Entries sample, run(range));
    for (const Entry& entry : sample.entries) {
      ++looked_at;
      bytes += entry.fields->json().size();
    }
  }
  std::uint64_t total = kStream;
  if (looked_at > 0) {
    total += info.length * (bytes / looked_at + kEntry);
  }
  for (const GroupInfo& group : groups.groups) {
    total += kStream + group.pending * kPending;
  }
  return total;
}

}  // namespace weir
