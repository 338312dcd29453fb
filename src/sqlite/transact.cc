// Several requests in one transaction.
#include "sqlite/sqlite_engine.h"

namespace weir::sqlite {

Result<std::vector<Result<Reply>>> SqliteEngine::transact(std::span<const Request> requests, OnRefusal on_refusal) {
  WEIR_ASSIGN(WriteTransaction transaction, WriteTransaction::begin(*this));
  for (const Request& request : requests) {
    if (const auto* create = std::get_if<XgroupCreate>(&request)) {
      if (const auto at = find_stream_and_group(create->stream, create->group)) {
        groups_before_[{create->stream, create->group}] = at->group.number;
      }
    }
  }
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
  groups_before_.clear();
  if (broken) {
    return tl::unexpected(std::move(*broken));
  }
  if (!replies.empty() && !replies.back() && on_refusal == OnRefusal::undo) {
    return replies;  // the transaction ends here, and is undone
  }
  WEIR_TRY(transaction.commit());
  return replies;
}

}  // namespace weir::sqlite
