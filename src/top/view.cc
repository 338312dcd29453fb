#include "top/view.h"

#include <algorithm>

namespace weir::top {

void View::arrange(const Listing& listing) {
  keys_.resize(listing.count);
  rows_.clear();
  for (std::size_t row = 0; row < listing.count; ++row) {
    keys_[row] = listing.key(row);
    if (filter.empty() || listing.matches(row, filter)) {
      rows_.push_back(row);
    }
  }
  std::vector<double> figures(listing.count, 0);
  if (order_ < listing.orders.size() && listing.orders[order_].figure) {
    std::ranges::transform(rows_, rows_.begin(), [&](std::size_t row) {
      figures[row] = listing.orders[order_].figure(row);
      return row;
    });
  }
  std::ranges::sort(rows_, [&](std::size_t a, std::size_t b) {
    const std::size_t one = reversed_ ? b : a;
    const std::size_t other = reversed_ ? a : b;
    return figures[one] != figures[other] ? figures[one] > figures[other] : keys_[one] < keys_[other];
  });
  if (rows_.empty()) {
    cursor_ = 0;
    selected_.clear();
    return;
  }
  if (moved_) {
    const auto at = std::ranges::find_if(rows_, [&](std::size_t row) { return keys_[row] == selected_; });
    if (at != rows_.end()) {
      cursor_ = static_cast<std::size_t>(at - rows_.begin());
    }
  } else {
    cursor_ = 0;
  }
  cursor_ = std::min(cursor_, rows_.size() - 1);
  selected_ = keys_[rows_[cursor_]];
}

void View::fit(std::size_t height) {
  height = std::max<std::size_t>(height, 1);
  const std::size_t last = rows_.size() > height ? rows_.size() - height : 0;
  first_ = std::min({first_, cursor_, last});
  if (cursor_ >= first_ + height) {
    first_ = cursor_ - height + 1;
  }
}

void View::move(std::ptrdiff_t rows) {
  const auto at = static_cast<std::ptrdiff_t>(cursor_) + rows;
  move_to(static_cast<std::size_t>(std::max<std::ptrdiff_t>(at, 0)));
}

void View::move_to(std::size_t at) {
  if (!rows_.empty()) {
    cursor_ = std::min(at, rows_.size() - 1);
    selected_ = keys_[rows_[cursor_]];
    moved_ = true;
  }
}

void View::next_order(const Listing& listing) {
  order_ = listing.orders.empty() ? 0 : (order_ + 1) % listing.orders.size();
  reversed_ = false;
}

bool View::ask_for_more(bool there_are_more) {
  constexpr std::uint64_t kMost = 100'000;
  if (!there_are_more || limit_ >= kMost || cursor_ + kFirstLimit / 2 < limit_) {
    return false;
  }
  limit_ = std::min(kMost, 4 * limit_);
  return true;
}

}  // namespace weir::top
