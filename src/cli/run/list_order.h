// What ls can be sorted by.
#pragma once

namespace weir::cli {

enum class ListOrder { name, length, age, waiting, pending, size };

}  // namespace weir::cli
