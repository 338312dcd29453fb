// Delayed messages on a server: how we find out that some are due.
//
// A delayed message lies beside its stream, in keys that scripts/delayed/take_due.lua describes. Whoever looks at the
// stream or takes messages from it asks, in the same round trip, for the first handle (`peek`). Mostly there is none.
// If the first message may be due by now, the look script appends what is due by the server's clock, and then the
// request is sent again.
#pragma once

#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "redis/translate/decode.h"
#include "redis/wire/command.h"
#include "stream/delaying.h"
#include "stream/request.h"
#include "system/clock.h"

namespace weir::redis {

/// The streams of which a request sees the last entries, or those that are new to a group: due messages have to be
/// appended there first.
std::vector<std::string> streams_seen(const Request& request);
template <typename R>
std::vector<std::string> seen_by(const R& /*request*/) {
  return {};
}
std::vector<std::string> seen_by(const Xlen& request);
std::vector<std::string> seen_by(const Xrange& request);
std::vector<std::string> seen_by(const Xtrim& request);
std::vector<std::string> seen_by(const Xread& request);
std::vector<std::string> seen_by(const Xreadgroup& request);
std::vector<std::string> seen_by(const XgroupCreate& request);
std::vector<std::string> seen_by(const XgroupSetid& request);
std::vector<std::string> seen_by(const XinfoStream& request);
std::vector<std::string> seen_by(const XinfoStreamFull& request);
std::vector<std::string> seen_by(const XinfoGroups& request);

/// A command that asks for the first handle of a stream.
WireCommand peek(const std::string& stream);

/// The look script, for any number of streams. Requires: in a cluster they are of one slot.
WireCommand look(std::span<const std::string> streams);

/// The answer of the look script.
struct Looked {
  std::uint64_t appended = 0;
  bool stuck = false;              ///< a message is due and cannot be appended
  bool more = false;               ///< the script has appended some messages, and others may be due
  std::optional<Millis> left;      ///< until the next message is due; nothing: there is no message
  std::vector<std::string> first;  ///< for each stream, the first handle; empty: there is none
  std::vector<std::string> rung;   ///< for each stream, the last ID of its bell
};
Looked decode_look(Value reply);

/// See server_error.h: a user who may not run the script sees only what is already in the stream.
bool is_forbidden(Value reply);

/// The change script, for streams of one slot. The caller adds the arguments of the action.
WireCommand change(std::span<const std::string> streams, std::string_view action);
/// The same for one stream; does nothing if a message with this key waits.
WireCommand change_unless(const std::string& stream, const std::string& key, std::string_view action);

/// Handles and fields in the server's format. The handle must be one that `fits_server`.
std::string pack(const Handle& handle);
std::string pack(const Fields& fields, const std::optional<std::string>& key);
std::optional<Handle> unpack_handle(std::string_view packed);
void unpack(std::string_view packed, DelayedMessage& message);
/// A script counts in doubles, so larger numbers would not be exact.
inline constexpr std::int64_t kMostOnServer = (std::int64_t{1} << 53) - 1;
inline bool fits_server(const Handle& handle) {
  return handle.due.count() >= 0 && handle.due.count() <= kMostOnServer &&
         std::cmp_less_equal(handle.number, kMostOnServer);
}

/// Remembers the first handles that were seen, so that a first message that is not due yet costs no look.
class FirstHandles {
 public:
  /// `peeked`: the answer to `peek`.
  bool may_be_due(const std::string& stream, Value peeked) const;
  /// Notes the result of a look that was sent at `sent`.
  void note(const std::string& stream, std::string first, std::optional<Millis> left, SteadyTime sent);

 private:
  struct Seen {
    std::string first;
    SteadyTime good_until;
  };
  std::map<std::string, Seen> seen_;
};

}  // namespace weir::redis
