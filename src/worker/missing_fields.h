// Whether a field that is not there is a mistake in the message, or in the command.
#pragma once

#include <map>
#include <optional>
#include <set>
#include <string>
#include <utility>

#include "stream/result.h"
#include "worker/process/command_options.h"
#include "worker/process/message.h"

namespace weir::worker {

/// What became of messages without a field that the command names, in one run of a worker.
///
/// A name that no message has is a typo in the command, and must not make dead letters of a whole queue. So the first
/// such messages are held back; a message that has the field says that it was not one.
class MissingFields {
 public:
  /// `in_turn`: a message that is held back holds up others, so that the same few come again and again.
  MissingFields(Missing policy, std::set<std::string> named, bool in_turn = false)
      : policy_(policy), in_turn_(in_turn), unseen_(std::move(named)) {}

  void look_at(const Fields& fields);

  enum class Verdict {
    dead,       ///< it is the message
    hold_back,  ///< not known yet
    stop,       ///< it is the command
  };
  Verdict judge(const Message& message, const std::string& field);

  /// How many messages of a stream are held back.
  std::size_t held_back(const std::string& stream) const;

  /// Why the worker stops. Requires: something was held back, or the verdict was `stop`.
  Error error() const;

 private:
  Missing policy_;
  bool in_turn_;
  std::size_t tries_ = 0;                                       ///< with messages that were held back
  std::set<std::string> unseen_;                                ///< fields that no message has had
  std::map<std::pair<std::string, Id>, std::string> suspects_;  ///< stream and ID, and the field
  std::string field_;                                           ///< the one that was missing last
  std::optional<Fields> others_;                                ///< what that message had instead
};

/// Whether messages have the field of --serial. One without it waits for none, so that a typo in its name would lose
/// their order without a word.
class SerialField {
 public:
  /// Without a name nothing is looked at.
  explicit SerialField(std::optional<std::string> name) : name_(std::move(name)) {}

  /// A message was taken. The line to tell, once, if no message has had the field so far.
  std::optional<std::string> look_at(const Message& message);

 private:
  std::optional<std::string> name_;  ///< nothing: it need not be looked for any more
  std::set<std::pair<std::string, Id>> without_;
};

}  // namespace weir::worker
