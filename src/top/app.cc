#include "top/app.h"

#include <algorithm>

#include "top/message_text.h"

namespace weir::top {
namespace {

/// How often rows are sorted again if the order depends on time.
constexpr std::chrono::seconds kReorder{2};

}  // namespace

App::App(AppOptions options) : options_(std::move(options)) {
  views_.emplace_back(Place{});
  const std::vector<Order> orders = list(model_, place(), {}).orders;
  const auto order = std::ranges::find(orders, options_.order, &Order::title);
  here().order_by(order == orders.end() ? 0 : static_cast<std::size_t>(order - orders.begin()));
}

void App::take(News news, const Now& now) {
  if (news.all) {
    model_.take(std::move(*news.all));
    totals_.reset();
  }
  for (FoundStreams& some : news.some) {
    model_.take(std::move(some));
  }
  if (news.place && news.place->place == place()) {
    const bool gone = news.place->gone;
    const Place where = place();
    model_.take(std::move(*news.place));
    body_known_ = false;
    if (gone) {
      go_back();
      const std::string what = where.kind == Kind::message ? "message " + to_string(where.id)
                               : where.group.empty()       ? "stream " + where.stream
                                                           : "group " + where.group + " of " + where.stream;
      said_ = said_ ? said_ : Said{what + " is gone", false};
    }
  }
  for (const Result<std::string>& done : news.done) {
    said_ = done ? Said{*done, false} : Said{done.error().message, true};
  }
  if (news.trouble) {
    trouble_ = *news.trouble;
  }
  changed_ = true;
  arrange_if_needed(now);
}

void App::arrange_if_needed(const Now& now) {
  if (place().kind == Kind::message) {
    return;
  }
  const Listing listing = list(model_, place(), now);
  const std::size_t order = here().order();
  const bool moves = order < listing.orders.size() && listing.orders[order].moves;
  if (changed_ || (moves && now.steady - arranged_ >= kReorder)) {
    here().arrange(listing);
    arranged_ = now.steady;
    changed_ = false;
  }
}

Want App::want() const {
  Want want;
  want.place = place();
  want.limit = here().limit();
  want.paused = paused_.has_value();
  if (want.place.kind != Kind::streams) {
    return want;
  }
  constexpr std::size_t kFew = 200;
  want.visible_is_all = model_.streams().size() <= kFew || list(model_, place(), {}).orders[here().order()].needs_depth;
  const std::size_t end = std::min(here().size(), here().first() + page_);
  for (std::size_t at = here().first(); at < end; ++at) {
    want.visible.push_back(model_.streams()[here().row(at)].queue.name);
  }
  std::ranges::sort(want.visible);
  return want;
}

}  // namespace weir::top
