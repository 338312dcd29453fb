// What can be done from the view. The store is told what `weir ack`, `nack`, `pause`, `resume` and `dead requeue` tell
// it.
#pragma once

#include <string>
#include <vector>

#include "stream/id.h"
#include "stream/result.h"
#include "stream/store.h"

namespace weir::top {

struct Action {
  enum class Do { ack, nack, pause, resume, requeue };
  Do what = Do::ack;
  std::string stream;            ///< requeue: the one the messages were on
  std::string group = {};        ///< not with requeue
  std::vector<Id> ids = {};      ///< ack, nack: of the message; requeue: of the letter, or (none) all there are
  std::string dead_stream = {};  ///< requeue: where the letters are
  std::uint64_t letters = 0;     ///< requeue of all: how many there seem to be
};

/// What is asked before it is done, without the answers.
std::string question(const Action& action);

/// Does it, and gives a line that says what was done.
Result<std::string> act(Store& store, const Action& action);

}  // namespace weir::top
