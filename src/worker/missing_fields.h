// Decides whether a missing field is a mistake in the message or in the command.
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

/// Keeps track of messages that lack a field named by the command, during one `weir work`.
///
/// A field name that no message has is a typo in the command; it must not turn a whole queue into dead letters. So the
/// first messages without the field are held back. Once a message has the field, the name is known to be no typo.
class MissingFields {
 public:
  /// `in_turn`: a message that is held back holds up others, so the same few messages come again and again.
  MissingFields(Missing policy, std::set<std::string> named, bool in_turn = false)
      : policy_(policy), in_turn_(in_turn), unseen_(std::move(named)) {}

  void look_at(const Fields& fields);

  enum class Verdict {
    dead,       ///< the message is wrong
    hold_back,  ///< not known yet
    stop,       ///< the command is wrong
  };
  Verdict judge(const Message& message, const std::string& field);

  /// How many messages of a stream are held back.
  std::size_t held_back(const std::string& stream) const;

  /// Why the worker stops. Requires: a message was held back, or the verdict was `stop`.
  Error error() const;

 private:
  Missing policy_;
  bool in_turn_;
  std::size_t tries_ = 0;                                       ///< how often a message was held back
  std::set<std::string> unseen_;                                ///< fields that no message has had
  std::map<std::pair<std::string, Id>, std::string> suspects_;  ///< stream and ID of a message, and the field it lacks
  std::string field_;                                           ///< the field that was missing last
  std::optional<Fields> others_;                                ///< what that message had instead
};

/// Whether messages have the field of --serial. A message without the field waits for no other, so a typo in the
/// field's name would silently lose the order of messages.
class SerialField {
 public:
  /// Without a name nothing is checked.
  explicit SerialField(std::optional<std::string> name) : name_(std::move(name)) {}

  /// To be called for each message taken. Returns a warning, once, if no message has had the field so far.
  std::optional<std::string> look_at(const Message& message);

 private:
  std::optional<std::string> name_;  ///< nothing: no need to look for it any more
  std::set<std::pair<std::string, Id>> without_;
};

}  // namespace weir::worker
