#include "cli/settle.h"

namespace weir {

Result<Reply> settled(const Result<Reply>& seen, const Doubtful& doubtful) {
  if (!seen && seen.error().failure != Failure::refused) {
    return seen;
  }
  const bool absent = !seen || (std::holds_alternative<Count>(*seen) && std::get<Count>(*seen).value == 0);
  if (!absent) {
    return tl::unexpected<Error>(doubtful.error);
  }
  if (const auto* reply = std::get_if<Reply>(&doubtful.absent)) {
    return *reply;
  }
  return tl::unexpected<Error>(std::get<Error>(doubtful.absent));
}

Result<Reply> settle(Store& store, const Doubtful& doubtful) {
  return settled(store.execute(doubtful.look), doubtful);
}

}  // namespace weir
