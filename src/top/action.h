// The actions of the view. They ask the store for the same as `weir ack`, `nack`, `pause`, `resume` and `dead requeue`.
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
  std::string stream;            ///< requeue: the stream on which the messages were
  std::string group = {};        ///< not with requeue
  std::vector<Id> ids = {};      ///< empty with requeue
  std::string dead_stream = {};  ///< requeue: the stream of the letters
  std::uint64_t letters = 0;     ///< requeue of all: how many letters there seem to be
};

/// The question to confirm the action, without the possible answers.
std::string question(const Action& action);

/// Does the action; returns a line that says what was done.
Result<std::string> act(Store& store, const Action& action);

}  // namespace weir::top
