// Slots in which processes that wait to append leave their messages, so that the next process that appends takes these
// along.
//
// The process that holds byte 5 of FILE-lock leads. In one transaction it appends its own message and all messages in
// the slots, syncs, tells each waiter the ID of its message, and wakes it. While the leader waits for the disk, a
// waiter that came too late leads already. So one commit and one sync serve all waiters, and each waiter sleeps only
// once.
//
// A slot belongs to the process that has locked its byte. It holds that process's request, under a number that no other
// request has. The transaction that appends for others also writes their slots, numbers and IDs into the database
// (appended_row.h). So a process that has the turn to write can always find out what became of its request, whichever
// process was killed or stopped, and whatever else lies in FILE-lock. The answers here only save taking the turn: they
// are written once the log is synced.
//
// The leader reads the slots during its turn, so nobody can claim or withdraw a slot under the turn meanwhile. A waiter
// that cannot get the turn first clears its slot and then reads the mark `taken`. The leader first writes the mark and
// then reads the slot again. So one of the two always notices the other. If the mark is set or unreadable, the message
// may have been appended.
//
// Everything has a checksum. Requests of processes that are gone are ignored.
#pragma once

#include <array>
#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "sqlite/file/appended_row.h"
#include "sqlite/file/lock_file.h"
#include "stream/id.h"
#include "system/doorbell.h"

namespace weir::sqlite {

/// Threads: as its lock file, which must outlive it. Only `sleep` blocks. If reading or writing the file fails, it is
/// as if there were no request, or no answer.
class AppendSlots {
 public:
  static constexpr std::size_t kSlots = AppendedRow::kSlots;
  /// The bytes of a stream's name and an entry's fields together.
  static constexpr std::size_t kRoom = 1000;

  explicit AppendSlots(const LockFile& file);
  ~AppendSlots();
  AppendSlots(const AppendSlots&) = delete;
  AppendSlots& operator=(const AppendSlots&) = delete;

  // For a waiter.

  bool has_slot() const { return slot_.has_value(); }
  /// Looks for a free slot, if this process has none. Requires: the turn to write.
  void claim();
  /// Puts a request into the slot. False: it does not fit, or cannot be written. Requires: a slot without a request.
  bool ask(std::string_view stream, std::string_view fields);
  bool is_asking() const { return asking_; }

  enum class Told {
    appended,  ///< the message was appended and synced
    declined,  ///< others cannot append the message
    nothing,
  };
  struct Answer {
    Told told = Told::nothing;
    Id id;
  };
  /// The answer, if it has come. An answer ends the request.
  Answer hear();
  /// From here on no answer is missed: it ends the next `sleep`.
  void listen() { bells_[*slot_]->listen(); }
  void sleep(std::chrono::milliseconds time) { bells_[*slot_]->wait(time, -1); }

  using Place = AppendedRow::Place;
  /// Withdraws the request, and returns its place. Requires: the turn to write, and a request.
  Place withdraw_in_turn();
  /// Withdraws the request without the turn. False: the message may have been appended, or may still be. Requires: a
  /// request.
  bool withdraw();

  /// Overwrites requests that killed processes have left. Requires: the turn, and that this process has no request.
  static void wipe_left(const LockFile& file);

  // For the leader.

  /// Tries to become the leader. False: another process leads, or the lock failed.
  bool start_leading();
  /// Wakes one waiter whose message came too late to be appended. `row`: what was appended; null: not known. Does
  /// nothing if this process does not lead.
  void stop_leading(const AppendedRow* row);
  /// The process that leads, if the system tells. Slow: see lock_holder.h.
  std::optional<LockHolder> who_leads() const;

  struct Asked {
    Place place;
    std::string stream;
    std::string fields;
  };
  /// The requests of living processes that are not appended yet. Requires: to lead, and the turn, in which `row` was
  /// read.
  std::vector<Asked> asked(const AppendedRow& row);
  /// Marks these requests as taken. Returns those that were withdrawn meanwhile, which must not be appended. Requires:
  /// to lead, and the turn.
  std::vector<Place> take(std::span<const Place> places);

  struct Outcome {
    Place place;
    std::optional<Id> id;  ///< nothing: the message was declined
  };
  /// Writes the answers and wakes the waiters. Needs no memory. Requires: the appended messages are synced.
  void tell(std::span<const Outcome> outcomes);

 private:
  struct Area;
  void read_area();
  Doorbell& bell(std::size_t slot);
  bool clear();

  const LockFile& file_;
  std::optional<std::size_t> slot_;
  bool leads_ = false;
  bool asking_ = false;
  std::uint64_t number_ = 0;     ///< of the request, or of the last one
  std::size_t asked_bytes_ = 0;  ///< the length of the request in the file
  std::unique_ptr<Area> area_;
  /// Making a bell takes memory, so each is made before anything is promised to its waiter.
  std::array<std::unique_ptr<Doorbell>, kSlots> bells_;
};

/// The length of FILE-lock with slots; without slots it is kLockFileBytes.
inline constexpr off_t kLockFileBytesWithSlots = 40'960;

}  // namespace weir::sqlite
