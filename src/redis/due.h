// What becomes of delayed messages on a server: how it is found out that some are due.
//
// They lie beside their stream, in keys that scripts/delayed/take_due.lua describes. Whoever looks at the stream or
// takes from it asks, in the same round trip, for the first of their handles (`peek`). There mostly is none. If it is
// one that may be due by now, the look script appends what is, by the server's clock, and what was asked is asked
// again.
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

/// The streams of which a request sees what is last, or what is new to a group: what is due is to be there first.
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

/// Asks for the first handle of a stream.
WireCommand peek(const std::string& stream);

/// The look script, for any number of streams. Requires: in a cluster they are of one slot.
WireCommand look(std::span<const std::string> streams);

/// What it answers.
struct Looked {
  std::uint64_t appended = 0;
  bool stuck = false;              ///< something is due, and cannot be appended
  bool more = false;               ///< it has appended some, and others may be due
  std::optional<Millis> left;      ///< until the next is due; nothing: there is none
  std::vector<std::string> first;  ///< for each stream, the handle; empty: there is none
  std::vector<std::string> rung;   ///< for each stream, the last ID of its bell
};
Looked decode_look(Value reply);

/// See server_error.h: such a user sees what is there.
bool is_forbidden(Value reply);

/// The change script, for streams of one slot; what the action takes is to be added.
WireCommand change(std::span<const std::string> streams, std::string_view action);
/// Likewise of one stream, unless a message with this key waits.
WireCommand change_unless(const std::string& stream, const std::string& key, std::string_view action);

/// As the server keeps them. The handle must be one that `fits_server`.
std::string pack(const Handle& handle);
std::string pack(const Fields& fields, const std::optional<std::string>& key);
std::optional<Handle> unpack_handle(std::string_view packed);
void unpack(std::string_view packed, DelayedMessage& message);
/// A script counts in doubles.
inline constexpr std::int64_t kMostOnServer = (std::int64_t{1} << 53) - 1;
inline bool fits_server(const Handle& handle) {
  return handle.due.count() >= 0 && handle.due.count() <= kMostOnServer &&
         std::cmp_less_equal(handle.number, kMostOnServer);
}

/// What was seen of first handles, so that one that is not due yet costs nothing.
class FirstHandles {
 public:
  /// `peeked`: what `peek` was answered.
  bool may_be_due(const std::string& stream, Value peeked) const;
  /// After a look that was sent at that time.
  void note(const std::string& stream, std::string first, std::optional<Millis> left, SteadyTime sent);

 private:
  struct Seen {
    std::string first;
    SteadyTime good_until;
  };
  std::map<std::string, Seen> seen_;
};

}  // namespace weir::redis
