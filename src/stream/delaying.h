// Messages that are to be appended at their time.
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

/// When a message is due: so long from now, by the clock of the store, or at a point in time. What is past is due at
/// once.
struct Due {
  bool from_now = false;
  Millis time{0};
};

/// What a delayed message is known by until it is appended; no other of its stream ever had the same number.
struct Handle {
  UnixMs due{0};
  std::uint64_t number = 0;
  /// Of `auto` it would need durations that have <=>, too, as not every library's do.
  friend std::strong_ordering operator<=>(const Handle&, const Handle&) = default;
};

/// As it is printed: @DUE-NUMBER.
std::string to_string(const Handle& handle);
/// Nothing if it is not of this form.
std::optional<Handle> parse_handle(std::string_view text);

struct DelayedMessage {
  Handle handle;
  Millis left{0};  ///< 0: it is due
  Fields fields;
  std::optional<std::string> key = {};  ///< see unique.h
};

/// How many messages of a stream are delayed, and how long the first of them still is.
struct DelayedCount {
  std::uint64_t count = 0;
  Millis left{0};
};

/// What a `Store` is besides, if it can hold messages until they are due: both engines are.
///
/// Nothing has to run at that time: whoever looks at the stream, takes from it or waits on it appends what is due
/// first, in the order of the due times, each once. Such a message gets the ID of that moment, as XADD * gives it.
class Delaying {
 public:
  virtual ~Delaying() = default;

  /// All of them or none: one answer for each, nothing where there is no stream and it is not to be made. Of an entry
  /// only its stream, its fields and `make_stream` count.
  virtual Result<std::vector<std::optional<Handle>>> delay(std::span<const Xadd> entries, const Due& due) = 0;

  /// In the order in which they are due, at most `count`, from the first after `after` on. None if there is no such
  /// stream.
  virtual Result<std::vector<DelayedMessage>> delayed(const std::string& stream, const std::optional<Handle>& after,
                                                      std::uint64_t count) = 0;
  virtual Result<DelayedCount> count_delayed(const std::string& stream) = 0;

  /// How many of these there were; they are gone.
  virtual Result<Count> cancel_delayed(const std::string& stream, std::span<const Handle> handles) = 0;
  /// How many of these there were; they are appended, in the order of their handles.
  virtual Result<Count> append_delayed(const std::string& stream, std::span<const Handle> handles) = 0;

  /// Takes over messages with the handles they had elsewhere, but for those whose handles are there already: how many.
  /// Refused if there is no such stream.
  virtual Result<Count> take_over_delayed(const std::string& stream, std::span<const DelayedMessage> messages) = 0;

 protected:
  Delaying() = default;
  Delaying(const Delaying&) = default;
  Delaying(Delaying&&) = default;
  Delaying& operator=(const Delaying&) = default;
  Delaying& operator=(Delaying&&) = default;
};

}  // namespace weir
