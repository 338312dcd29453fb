#include "copy/pending.h"

#include <vector>

namespace weir::copy {
namespace {

/// Reads in pages the IDs that a group holds, in their order.
class PendingIds {
 public:
  PendingIds(Store& store, const std::string& stream, const std::string& group) : store_(store) {
    constexpr std::uint64_t kPage = 5'000;
    request_.stream = stream;
    request_.group = group;
    request_.count = kPage;
  }

  /// The present ID; nothing: there are no more.
  Result<std::optional<Id>> at() {
    if (at_ == page_.size() && more_) {
      WEIR_ASSIGN(PendingEntries page, store_.run(request_));
      const auto next = page.entries.empty() ? std::nullopt : next_id(page.entries.back().id);
      more_ = next && page.entries.size() == request_.count;
      request_.first = next.value_or(kMaxId);
      page_ = std::move(page.entries);
      at_ = 0;
    }
    return at_ < page_.size() ? std::optional(page_[at_].id) : std::nullopt;
  }
  void pass() { ++at_; }

 private:
  Store& store_;
  Xpending request_;
  std::vector<PendingEntry> page_;
  std::size_t at_ = 0;
  bool more_ = true;
};

struct Difference {
  std::uint64_t without_message = 0;  ///< only in the source, where the message is gone
  std::uint64_t other = 0;
};

Result<Difference> compare_group(const CopyEnd& from, const CopyEnd& to, const std::string& stream,
                                 const std::string& group) {
  Difference difference;
  PendingIds ours(from.store, stream, group);
  PendingIds theirs(to.store, stream, group);
  while (true) {
    WEIR_ASSIGN(const std::optional<Id> here, ours.at());
    WEIR_ASSIGN(const std::optional<Id> there, theirs.at());
    if (!here && !there) {
      return difference;
    }
    if (here && there && *here == *there) {
      ours.pass();
      theirs.pass();
    } else if (here && (!there || *here < *there)) {
      WEIR_ASSIGN(const Entries message, from.store.run(Xrange{stream, *here, *here, false, std::nullopt}));
      ++(message.entries.empty() ? difference.without_message : difference.other);
      ours.pass();
    } else {
      ++difference.other;
      theirs.pass();
    }
  }
}

}  // namespace

Result<void> compare_pending(const CopyEnd& from, const CopyEnd& to, const std::string& stream, Copied& copied) {
  WEIR_ASSIGN(const GroupInfos ours, from.store.run(XinfoGroups{stream}));
  WEIR_ASSIGN(const GroupInfos theirs, to.store.run(XinfoGroups{stream}));
  const auto total = [](const GroupInfos& groups) {
    std::uint64_t sum = 0;
    for (const GroupInfo& group : groups.groups) {
      sum += group.pending;
    }
    return sum;
  };
  if (total(ours) == total(theirs) + copied.pending_lost) {
    return {};
  }
  Difference all;
  for (const GroupInfo& group : ours.groups) {
    WEIR_ASSIGN(const Difference one, compare_group(from, to, stream, group.name));
    all.without_message += one.without_message;
    all.other += one.other;
  }
  copied.pending_lost = all.without_message;
  if (all.other > 0) {
    copied.difference = "pending: " + std::to_string(total(ours)) + " in the source, " + std::to_string(total(theirs)) +
                        " in the target";
  }
  return {};
}

}  // namespace weir::copy
