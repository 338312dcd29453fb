// Messages that were taken for somebody who cannot be shown them.
#pragma once

#include "stream/store.h"

namespace weir::cli {

/// Gives back what `request` took, as if it had not been delivered, except with NOACK, where nothing can be given back.
/// If that fails, the messages stay pending, as after any consumer ends.
void give_back(Store& store, const Xreadgroup& request, StreamEntries taken);

}  // namespace weir::cli
