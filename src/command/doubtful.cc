#include "command/doubtful.h"

namespace weir::command {

namespace {

bool is_absent(const Result<Reply>& seen) {
  return !seen || (std::holds_alternative<Count>(*seen) && std::get<Count>(*seen).value == 0);
}

}  // namespace

Result<Reply> settled(std::span<const Result<Reply>> seen, const Doubtful& doubtful) {
  for (std::size_t i = 0; i < seen.size(); ++i) {
    if (!seen[i] && seen[i].error().failure != Failure::refused) {
      return seen[i];
    }
    if (is_absent(seen[i])) {
      const auto& absent = doubtful.looks[i].absent;
      const auto* reply = std::get_if<Reply>(&absent);
      return reply != nullptr ? Result<Reply>(*reply) : tl::unexpected<Error>(std::get<Error>(absent));
    }
  }
  return tl::unexpected<Error>(doubtful.error);
}

Result<Reply> settle(Store& store, const Doubtful& doubtful) {
  std::vector<Result<Reply>> seen;
  for (const Look& look : doubtful.looks) {
    seen.push_back(store.execute(look.request));
    if (is_absent(seen.back())) {
      break;
    }
  }
  return settled(seen, doubtful);
}

}  // namespace weir::command
