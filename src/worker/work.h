// `weir work`: a command for each message.
#pragma once

#include "stream/result.h"
#include "stream/store.h"
#include "worker/options.h"

namespace weir::worker {

/// Works until told to stop, or until what `options` names as the end. The answer is the exit status: 0 done,
/// 1 there was nothing to do, 3 some messages became dead letters, 128+n ended by signal n.
///
/// Every moment, each message of the group is in one of these states, and all of it is in the store:
/// not yet delivered; held by a worker that renews it; waiting for its next delivery, held by nobody;
/// acknowledged; acknowledged and a dead letter. A worker that dies leaves the first three, which others take up.
///
/// Requires: descriptors 0 to 2 are open; one thread. Takes over the process's signals and its children while it runs.
Result<int> run_work(Store& store, const WorkOptions& options);

}  // namespace weir::worker
