// `weir work`: runs a command for each message.
#pragma once

#include "stream/result.h"
#include "stream/store.h"
#include "worker/options.h"

namespace weir::worker {

/// Works until told to stop, or until an end that `options` names. Returns the exit status: 0 done, 1 there was nothing
/// to do, 3 some messages became dead letters, 128+n ended by signal n.
///
/// At every moment, each message of the group is in one of these states, and the store knows it: not yet delivered;
/// held by a worker that renews it; waiting for its next delivery, held by nobody; acknowledged; acknowledged and a
/// dead letter. If a worker dies, other workers take up messages in the first three states.
///
/// Requires: descriptors 0 to 2 are open; one thread. While it runs, it handles the process's signals and children.
Result<int> run_work(Store& store, const WorkOptions& options);

}  // namespace weir::worker
