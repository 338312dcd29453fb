// How a place is viewed: which rows, in which order, from which row on, and where the cursor is.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "top/listing.h"
#include "top/place.h"

namespace weir::top {

/// The cursor stays on its row, whatever comes, goes or moves around it. If the row vanishes, the cursor goes to the
/// row that takes its place.
class View {
 public:
  explicit View(Place place) : place_(std::move(place)) {}

  const Place& place() const { return place_; }
  std::uint64_t limit() const { return limit_; }

  /// To be called after rows, filter or order have changed.
  void arrange(const Listing& listing);
  /// To be called with the number of rows on the screen.
  void fit(std::size_t height);

  std::size_t size() const { return rows_.size(); }
  std::size_t first() const { return first_; }
  std::size_t cursor() const { return cursor_; }
  /// The row of the list at a position of the view.
  std::size_t row(std::size_t at) const { return rows_[at]; }
  /// The key of the row under the cursor; empty: no row.
  const std::string& selected() const { return selected_; }

  void move(std::ptrdiff_t rows);
  void move_to(std::size_t at);

  void next_order(const Listing& listing);
  void reverse() { reversed_ = !reversed_; }
  void order_by(std::size_t order) { order_ = order; }
  std::size_t order() const { return order_; }
  bool reversed() const { return reversed_; }

  std::string filter;

  // For a message: the first line that is shown.
  std::size_t line = 0;

  /// The widths of the columns, which only grow: text that moves is hard to read.
  std::vector<std::size_t> widths;

  /// Raises the limit if the list has more rows and the cursor is near the end. False: the limit is high enough.
  bool ask_for_more(bool there_are_more);

 private:
  Place place_;
  std::vector<std::size_t> rows_;
  std::vector<std::string> keys_;  ///< the keys of all rows in the list
  std::string selected_;
  std::size_t cursor_ = 0;
  std::size_t first_ = 0;
  std::size_t order_ = 0;
  bool reversed_ = false;
  bool moved_ = false;  ///< the user has moved the cursor, which was on the first row until then
  std::uint64_t limit_ = kFirstLimit;

  static constexpr std::uint64_t kFirstLimit = 200;
};

}  // namespace weir::top
