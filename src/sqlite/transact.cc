// Several requests in one transaction.
#include "sqlite/sqlite_engine.h"

namespace weir {

Result<std::vector<Result<Reply>>> SqliteEngine::transact(std::span<const Request> requests, OnRefusal on_refusal) {
  WEIR_ASSIGN(WriteTransaction transaction, WriteTransaction::begin(*this));
  in_transaction_ = true;
  std::vector<Result<Reply>> replies;
  replies.reserve(requests.size());
  std::optional<Error> broken;
  for (const Request& request : requests) {
    replies.push_back(execute(request));
    if (!replies.back()) {
      const bool refused = replies.back().error().failure != Failure::store;
      if (!refused) {
        broken = replies.back().error();
      }
      if (!refused || on_refusal == OnRefusal::undo) {
        break;
      }
    }
  }
  in_transaction_ = false;
  if (broken) {
    return tl::unexpected(std::move(*broken));
  }
  if (!replies.empty() && !replies.back() && on_refusal == OnRefusal::undo) {
    return replies;  // the transaction ends here, and is undone
  }
  WEIR_TRY(transaction.commit());
  return replies;
}

}  // namespace weir
