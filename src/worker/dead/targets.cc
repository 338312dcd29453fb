#include "worker/dead/targets.h"

#include "stream/placement.h"

namespace weir::worker {

Result<std::string> dead_letter_stream(Store& store, const std::string& stream, const std::string& given) {
  if (!given.empty()) {
    return given;
  }
  auto* placement = dynamic_cast<Placement*>(&store);
  return placement == nullptr ? stream + ".dead" : placement->name_beside(stream, ".dead");
}

Result<void> check_together(Store& store, const std::string& stream, std::string_view option,
                            const std::string& target) {
  auto* placement = dynamic_cast<Placement*>(&store);
  if (placement == nullptr) {
    return {};
  }
  WEIR_ASSIGN(const bool together, placement->lie_together(stream, target));
  if (together) {
    return {};
  }
  WEIR_ASSIGN(const std::string better, placement->name_beside(stream, "." + target));
  return fail(Failure::usage,
              std::string(option) + " " + target + ": in this cluster it is in another slot than " + stream +
                  ", and one transaction takes only streams of one slot",
              "name one with the stream's {tag}: " + std::string(option) + " '" + better + "'");
}

Result<std::optional<DeadLetter>> last_letter(Store& store, const std::string& stream) {
  WEIR_ASSIGN(const Entries last, store.run(Xrange{stream, kMinId, kMaxId, true, 1}));
  const bool readable = !last.entries.empty() && last.entries.front().fields;
  return readable ? read_dead_letter(*last.entries.front().fields) : std::nullopt;
}

}  // namespace weir::worker
