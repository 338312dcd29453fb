// Replies for people.
#pragma once

#include <string>

#include "io/table/table_grid.h"
#include "stream/reply.h"

namespace weir::io {

/// Appends `reply` as a table or, where it is a single value, as a line. Nothing for what is empty.
void write_table(std::string& out, const Reply& reply, const TableStyle& style);

}  // namespace weir::io
