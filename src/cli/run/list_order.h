// The orders in which ls can list.
#pragma once

namespace weir::cli {

enum class ListOrder { name, length, age, waiting, pending, size };

}  // namespace weir::cli
