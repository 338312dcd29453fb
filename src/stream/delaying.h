// Delayed messages: they are appended when they are due.
#pragma once

#include <compare>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "stream/reply.h"
#include "stream/request.h"
#include "stream/result.h"

namespace weir {

/// When a message is due: `time` from now by the store's clock, or at the point in time `time`. A time that is past
/// means at once.
struct Due {
  bool from_now = false;
  Millis time{0};
};

/// Names a delayed message until it is appended. A stream never uses a number twice.
struct Handle {
  UnixMs due{0};
  std::uint64_t number = 0;
  /// Not `auto`: that needs durations with <=>, which some standard libraries lack.
  friend std::strong_ordering operator<=>(const Handle&, const Handle&) = default;
};

/// The printed form: @DUE-NUMBER.
std::string to_string(const Handle& handle);
/// Nothing if `text` does not have this form.
std::optional<Handle> parse_handle(std::string_view text);

struct DelayedMessage {
  Handle handle;
  Millis left{0};  ///< until the message is due; 0: it is due
  Fields fields;
  std::optional<std::string> key = {};  ///< see unique.h
};

/// How many messages of a stream are delayed, and how long it takes until the first of them is due.
struct DelayedCount {
  std::uint64_t count = 0;
  Millis left{0};
};

/// Implemented by a `Store` that can hold messages until they are due; both engines can.
///
/// No process has to run when a message is due. Every command that looks at the stream, takes from it or waits on it
/// first appends the due messages, in the order of their due times, each once. Such a message gets the ID that XADD *
/// gives at that moment.
class Delaying {
 public:
  virtual ~Delaying() = default;

  /// Delays all entries or none. Returns one answer for each: nothing where the stream does not exist and must not be
  /// made. Of an entry only the stream, the fields and `make_stream` are used.
  virtual Result<std::vector<std::optional<Handle>>> delay(std::span<const Xadd> entries, const Due& due) = 0;

  /// Returns delayed messages in the order in which they are due: at most `count`, beginning after the handle `after`.
  /// None if the stream does not exist.
  virtual Result<std::vector<DelayedMessage>> delayed(const std::string& stream, const std::optional<Handle>& after,
                                                      std::uint64_t count) = 0;
  virtual Result<DelayedCount> count_delayed(const std::string& stream) = 0;

  /// Deletes these delayed messages; returns how many there were.
  virtual Result<Count> cancel_delayed(const std::string& stream, std::span<const Handle> handles) = 0;
  /// Appends these delayed messages now, in the order of their handles; returns how many there were.
  virtual Result<Count> append_delayed(const std::string& stream, std::span<const Handle> handles) = 0;

  /// Adds messages of another store under the handles they had there, unless the stream has such a handle already.
  /// Returns how many were added. Refused if the stream does not exist.
  virtual Result<Count> take_over_delayed(const std::string& stream, std::span<const DelayedMessage> messages) = 0;

 protected:
  Delaying() = default;
  Delaying(const Delaying&) = default;
  Delaying(Delaying&&) = default;
  Delaying& operator=(const Delaying&) = default;
  Delaying& operator=(Delaying&&) = default;
};

}  // namespace weir
