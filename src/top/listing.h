// The rows and columns of a place, independent of any screen.
//
// A cell is made only when it is shown, so drawing ten thousand streams takes no longer than drawing forty.
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
  /// On a narrow screen, columns with the highest value are left out first. 0: never left out.
  int gives_way = 0;
  bool flexible = false;  ///< the text may be cut
};

struct Order {
  std::string title;
  /// The row with the highest figure comes first; rows with equal figures, or without, are sorted by key.
  std::function<double(std::size_t)> figure;
  bool moves = false;  ///< the order changes as time passes
  bool needs_depth =
      false;  ///< needs facts that are otherwise asked for visible streams only, so all streams have to be looked at
};

/// Refers to the model, which has to outlive it unchanged.
struct Listing {
  std::vector<Column> columns;
  std::vector<Order> orders;  ///< the first one is the default
  std::size_t count = 0;
  std::function<std::string(std::size_t)> key;              ///< identifies a row later
  std::function<std::vector<io::Cell>(std::size_t)> cells;  ///< one cell for each column
  std::function<std::string(std::size_t)> more;  ///< a line below the list with more about the row; may be empty
  std::function<bool(std::size_t, std::string_view)> matches;  ///< whether the row fits a filter
  std::string empty;                                           ///< told if there are no rows
};

/// The list of any place except a message, which is shown as text.
Listing list(const Model& model, const Place& place, const Now& now);

// The lists of the places.
Listing list_streams(const Model& model, const Now& now);
Listing list_groups(const Model& model, const Now& now);
Listing list_consumers(const Model& model, const Now& now);
Listing list_pending(const Model& model, const Place& place, const Now& now);
Listing list_dead(const Model& model, const Now& now);
Listing list_entries(const Model& model, const Now& now);
Listing list_delayed(const Model& model, const Now& now);

/// `12/s`, `3.4/s`, `20/m`, `0`; `-`: not known (yet).
io::Cell rate_cell(const std::optional<double>& per_second);
/// The only wildcards are `*`, `?` and `[`; a filter without wildcards may match anywhere. ASCII letters match in
/// either case.
bool filter_fits(std::string_view filter, std::string_view text);

}  // namespace weir::top
