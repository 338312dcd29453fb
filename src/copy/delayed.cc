#include "copy/delayed.h"

#include <fmt/format.h>

#include "stream/delaying.h"

namespace weir::copy {
namespace {

constexpr std::uint64_t kPage = 1000;

/// Those of an earlier copy: some may have been appended in the source since.
Result<void> drop_all(Delaying& store, const std::string& stream) {
  while (true) {
    WEIR_ASSIGN(const auto page, store.delayed(stream, std::nullopt, kPage));
    if (page.empty()) {
      return {};
    }
    std::vector<Handle> handles;
    for (const DelayedMessage& message : page) {
      handles.push_back(message.handle);
    }
    WEIR_TRY(store.cancel_delayed(stream, handles));
  }
}

}  // namespace

Result<void> copy_delayed(const CopyEnd& from, const CopyEnd& to, const std::string& stream, const CopyPlan& plan,
                          Copied& copied) {
  auto* source = dynamic_cast<Delaying*>(&from.store);
  auto* target = dynamic_cast<Delaying*>(&to.store);
  if (source == nullptr) {
    return {};
  }
  if (target == nullptr) {
    WEIR_ASSIGN(const DelayedCount delayed, source->count_delayed(stream));
    if (delayed.count > 0 && !copied.difference) {
      copied.difference = fmt::format("{} delayed messages stay in the source: a server holds none", delayed.count);
    }
    return {};
  }
  if (plan.action == CopyPlan::Action::go_on) {
    WEIR_TRY(drop_all(*target, stream));
  }
  std::uint64_t sent = 0;
  std::uint64_t taken = 0;
  std::optional<Handle> last;
  while (true) {
    WEIR_ASSIGN(const auto page, source->delayed(stream, last, kPage));
    if (page.empty()) {
      break;
    }
    WEIR_ASSIGN(const Count count, target->take_over_delayed(stream, page));
    sent += page.size();
    taken += count.value;
    last = page.back().handle;
  }
  if (taken < sent && !copied.difference) {
    copied.difference = fmt::format(
        "{} delayed messages of the target have the same time and number, and stayed as they are", sent - taken);
  }
  return {};
}

}  // namespace weir::copy
