#include "copy/delayed.h"

#include <fmt/format.h>

#include "stream/delaying.h"

namespace weir::copy {
namespace {

constexpr std::uint64_t kPage = 1000;

}  // namespace

Result<void> copy_delayed(const CopyEnd& from, const CopyEnd& to, const std::string& stream, const CopyPlan& plan,
                          Copied& copied) {
  auto& source = dynamic_cast<Delaying&>(from.store);
  auto& target = dynamic_cast<Delaying&>(to.store);
  WEIR_ASSIGN(const DelayedCount before, target.count_delayed(stream));
  std::uint64_t sent = 0;
  std::uint64_t taken = 0;
  std::optional<Handle> last;
  while (true) {
    WEIR_ASSIGN(const auto page, source.delayed(stream, last, kPage));
    if (page.empty()) {
      break;
    }
    WEIR_ASSIGN(const Count count, target.take_over_delayed(stream, page));
    sent += page.size();
    taken += count.value;
    last = page.back().handle;
  }
  // These come from an earlier copy or from somebody else. We cannot tell which, so they stay, and we report them.
  if (const std::uint64_t known = sent - taken; before.count > known && plan.action != CopyPlan::Action::append) {
    copied.difference = fmt::format("{} delayed messages are in the target only", before.count - known);
  } else if (known > 0 && plan.action == CopyPlan::Action::append) {
    copied.difference =
        fmt::format("{} delayed messages of the target have the same handles, and stay as they are", known);
  }
  return {};
}

}  // namespace weir::copy
