// Rows and columns of a place, before anything is known of a screen.
//
// A cell is made only when it is shown: ten thousand streams cost no more to draw than forty.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "io/table/table_grid.h"
#include "top/model.h"

namespace weir::top {

struct Column {
  std::string title;
  bool right = true;
  /// Which columns give way first where the screen is narrow: the highest. 0 stays whatever comes.
  int gives_way = 0;
  bool flexible = false;  ///< its text may be cut
};

struct Order {
  std::string title;
  /// The row with the highest comes first; of those that are alike, and where there is none, the one with the lowest
  /// key.
  std::function<double(std::size_t)> figure;
  bool moves = false;  ///< it changes as time passes
  bool needs_depth =
      false;  ///< it is of what is known of visible streams only, so all have to be looked at as they are
};

/// It refers to the model, which has to outlive it unchanged.
struct Listing {
  std::vector<Column> columns;
  std::vector<Order> orders;  ///< the first is the usual one
  std::size_t count = 0;
  std::function<std::string(std::size_t)> key;                 ///< by which a row is known again
  std::function<std::vector<io::Cell>(std::size_t)> cells;     ///< one for each column
  std::function<std::string(std::size_t)> more;                ///< what a line below says of the row; may be empty
  std::function<bool(std::size_t, std::string_view)> matches;  ///< a filter
  std::string empty;                                           ///< what is said where there are no rows
};

/// Of any place but a message, which is text.
Listing list(const Model& model, const Place& place, const Now& now);

// The parts of it.
Listing list_streams(const Model& model, const Now& now);
Listing list_groups(const Model& model, const Now& now);
Listing list_consumers(const Model& model, const Now& now);
Listing list_pending(const Model& model, const Place& place, const Now& now);
Listing list_dead(const Model& model, const Now& now);
Listing list_entries(const Model& model, const Now& now);
Listing list_delayed(const Model& model, const Now& now);

/// `12/s`, `3.4/s`, `20/m`, `0`; `-` where it is not known (yet).
io::Cell rate_cell(const std::optional<double>& per_second);
/// A filter has no wildcard but `*`, `?` and `[`; without one it is found anywhere. Letters of ASCII in either case.
bool filter_fits(std::string_view filter, std::string_view text);

}  // namespace weir::top
