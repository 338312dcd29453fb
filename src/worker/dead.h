// `weir dead`: looking at dead letters, putting them back, removing them.
#pragma once

#include <functional>
#include <string_view>

#include "stream/store.h"
#include "util/result.h"
#include "worker/options.h"

namespace weir {

/// What is printed goes to `print`, in whole lines. The answer is the exit status: 0, or 1 if no letter was meant.
///
/// - ls: a JSON line for each letter: {"id":…,"message":…,"stream":…,"reason":…,"deliveries":N,"age":"3h"}
/// - show: the letters whole, as entries
/// - requeue: each message goes back to its stream, and its letter away, in one transaction; prints the new IDs.
///   Two that requeue the same letter at once put it back once.
/// - purge: removes letters; prints how many
///
/// Requires: requeue and purge name IDs, a `where`, or `all`.
Result<int> run_dead(Store& store, const DeadOptions& options, const std::function<void(std::string_view)>& print);

}  // namespace weir
