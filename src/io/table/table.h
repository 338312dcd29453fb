// Writes replies as tables for people.
#pragma once

#include <string>

#include "io/table/table_grid.h"
#include "stream/reply.h"

namespace weir::io {

/// Appends `reply` as a table, or as a line if it is a single value. Appends nothing for an empty reply.
void write_table(std::string& out, const Reply& reply, const TableStyle& style);

}  // namespace weir::io
