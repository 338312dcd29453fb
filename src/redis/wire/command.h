// One command for a server, as the bytes that go over the wire.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "stream/id.h"

namespace weir::redis {

/// How the script of `script.h` treats a command. Outside of the script, only `own_ack` and `own_claim` matter.
enum class CommandKind : char {
  plain = 'c',
  needs_group = 'g',       ///< key and group are its first two arguments
  group_read = 'r',        ///< XREADGROUP
  add = 'x',               ///< XADD
  make_group = 'b',        ///< XGROUP CREATE where BUSYGROUP is no refusal
  own_ack = 'a',           ///< weir's own: has no name, and the arguments of the script's `acknowledge`
  own_claim = 'k',         ///< weir's own, in the same way: `claim`
  own_delete = 'd',        ///< weir's own, in the same way: `delete_consumer`
  own_nack = 'n',          ///< weir's own, in the same way: `nack`
  own_pending = 'p',       ///< weir's own, in the same way: `pending_of_nobody`
  own_delex = 'e',         ///< weir's own, in the same way: `delex`
  own_ackdel = 'l',        ///< weir's own, in the same way: `ackdel`
  own_rename = 'v',        ///< weir's own, in the same way: `rename_stream`
  own_guarded = 'y',       ///< weir's own: contains another command, which does nothing in a paused group
  own_guarded_read = 'z',  ///< weir's own: an XREADGROUP, which does nothing in a paused group
};

class WireCommand {
 public:
  /// A command of weir's own, which has arguments but no name.
  explicit WireCommand(CommandKind kind) : kind_(kind) {}
  explicit WireCommand(std::string_view name, CommandKind kind = CommandKind::plain) : kind_(kind) { add(name); }

  /// Begins another command, in the same memory.
  void reset(std::string_view name, CommandKind kind);

  WireCommand& add(std::string_view bytes);
  WireCommand& add(const char* bytes) { return add(std::string_view(bytes)); }
  WireCommand& add(std::uint64_t number);
  /// Adds at most 2^63-1, as a server reads most numbers as signed.
  WireCommand& add_signed(std::uint64_t number);
  WireCommand& add(Id id);
  /// Adds a key, which decides which node of a cluster is asked.
  WireCommand& add_key(const std::string& key);
  /// Notes a key that is added among other arguments.
  void note_key(const std::string& key) { keys_.push_back(key); }
  /// Adds all arguments of `other`.
  WireCommand& add_all(const WireCommand& other);

  /// Appends the command as RESP: an array of bulk strings.
  void append_to(std::string& out) const;

  CommandKind kind() const { return kind_; }
  bool is_own() const {
    return kind_ == CommandKind::own_ack || kind_ == CommandKind::own_claim || kind_ == CommandKind::own_delete ||
           kind_ == CommandKind::own_nack || kind_ == CommandKind::own_pending || kind_ == CommandKind::own_delex ||
           kind_ == CommandKind::own_ackdel || kind_ == CommandKind::own_rename || kind_ == CommandKind::own_guarded ||
           kind_ == CommandKind::own_guarded_read;
  }
  std::size_t arguments() const { return count_; }
  const std::vector<std::string>& keys() const { return keys_; }

 private:
  CommandKind kind_;
  std::size_t count_ = 0;
  std::string body_;
  std::vector<std::string> keys_;
};

}  // namespace weir::redis
