// `weir metrics`: what is queued, in Prometheus's format.
#pragma once

#include <string>

#include "stream/result.h"
#include "stream/store.h"

namespace weir::report {

/// Appends a series for each stream and each group. An unknown value has no sample.
Result<void> write_metrics(std::string& out, Store& store);

/// The text inside the quotes of a label. Prometheus takes UTF-8 only, so any other name, and any name that begins that
/// way itself, becomes `base64:…`. Different names stay different.
std::string label_value(std::string_view name);

}  // namespace weir::report
