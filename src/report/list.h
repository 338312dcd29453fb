// What `ls` prints about queued messages.
#pragma once

#include <string>
#include <vector>

#include "io/table/table_grid.h"
#include "report/queued.h"

namespace weir::report {

/// Appends one JSON object and a newline.
void write_queue_line(std::string& out, const StreamQueue& stream);

void write_queue_table(std::string& out, const std::vector<StreamQueue>& streams, const io::TableStyle& style);

}  // namespace weir::report
