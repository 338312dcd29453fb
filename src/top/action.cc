#include "top/action.h"

#include "stream/pausing.h"
#include "worker/dead/dead.h"

namespace weir::top {
namespace {

std::string at(const Action& action) {
  return to_string(action.ids.front()) + " of group " + action.group + " on " + action.stream;
}

std::string letters(std::uint64_t count) {
  return std::to_string(count) + (count == 1 ? " dead letter" : " dead letters");
}

Result<std::string> requeue(Store& store, const Action& action) {
  worker::DeadOptions options;
  options.action = worker::DeadOptions::Action::requeue;
  options.stream = action.stream;
  options.dead_letter = action.dead_stream;
  options.ids = action.ids;
  options.all = action.ids.empty();
  std::uint64_t back = 0;
  std::uint64_t anew = 0;
  std::uint64_t others = 0;
  WEIR_TRY(worker::run_dead(store, options, [&](const worker::DeadAnswer& answer) {
    if (const auto* requeued = std::get_if<worker::Requeued>(&answer)) {
      ++back;
      anew += requeued->anew ? 1 : 0;
    } else {
      ++others;
    }
  }));
  if (back == 0) {
    return others > 0 ? "nothing was requeued: that is no dead letter" : "nothing was requeued: there is none any more";
  }
  std::string said = "requeued " + letters(back);
  if (anew > 0) {
    said += back == 1 ? ", as a new message: the old one was gone"
                      : "; " + std::to_string(anew) + " of them as new messages: the old ones were gone";
  }
  return said;
}

}  // namespace

std::string question(const Action& action) {
  switch (action.what) {
    case Action::Do::ack:
      return "Acknowledge " + at(action) + "? Nobody is given it again";
    case Action::Do::nack:
      return "Give back " + at(action) + "? Another consumer may get it";
    case Action::Do::pause:
      return "Pause group " + action.group + " on " + action.stream + "? It is given nothing until it is resumed";
    case Action::Do::resume:
      return "Resume group " + action.group + " on " + action.stream + "?";
    case Action::Do::requeue:
      break;
  }
  return action.ids.empty()
             ? "Requeue all dead letters of " + action.stream + " (" + std::to_string(action.letters) + ")?"
             : "Requeue dead letter " + to_string(action.ids.front()) + " to " + action.stream + "?";
}

Result<std::string> act(Store& store, const Action& action) {
  switch (action.what) {
    case Action::Do::ack: {
      Xack ack;
      ack.stream = action.stream;
      ack.group = action.group;
      ack.ids = action.ids;
      WEIR_ASSIGN(const Count done, store.run(ack));
      return done.value > 0 ? "acknowledged " + at(action) : "nothing was acknowledged: it is not pending any more";
    }
    case Action::Do::nack: {
      Xnack nack;
      nack.stream = action.stream;
      nack.group = action.group;
      nack.ids = action.ids;
      WEIR_ASSIGN(const Count done, store.run(nack));
      return done.value > 0 ? "gave back " + at(action) : "nothing was given back: it is not pending any more";
    }
    case Action::Do::pause:
      WEIR_TRY(dynamic_cast<Pausing&>(store).pause(action.stream, action.group, std::nullopt));
      return "paused group " + action.group + " on " + action.stream;
    case Action::Do::resume:
      WEIR_TRY(dynamic_cast<Pausing&>(store).resume(action.stream, action.group));
      return "resumed group " + action.group + " on " + action.stream;
    case Action::Do::requeue:
      break;
  }
  return requeue(store, action);
}

}  // namespace weir::top
