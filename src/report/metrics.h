// `weir metrics`: what is queued, as Prometheus reads it.
#pragma once

#include <string>

#include "stream/result.h"
#include "stream/store.h"

namespace weir::report {

/// A series for each stream and each group. What is not known has no sample.
Result<void> write_metrics(std::string& out, Store& store);

/// The inside of the quotes of a label: Prometheus takes UTF-8 only, so that other names, and those that begin so
/// themselves, are `base64:…`. No two names become the same.
std::string label_value(std::string_view name);

}  // namespace weir::report
