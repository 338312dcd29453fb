// Where processes that wait to append leave what they append, for the one that appends next to take it along.
//
// Whoever holds byte 5 of FILE-lock leads: in one transaction it appends its own message and all that lie here, syncs,
// tells each its ID, and wakes it. As soon as it waits for the disk one of those that came too late leads. So a commit
// and a sync are for all who wait, and each of them was asleep once.
//
// A slot belongs to who has its byte locked, and holds what that one asks, under a number that no other has. What has
// become of it stands in the database: the transaction that appends for others writes their slots, numbers and IDs
// there (appended_row.h). So whoever has the turn to write knows, whoever was killed or stopped and whatever else lies
// in FILE-lock. What is told here only saves the turn: it is written when the log was synced.
//
// Who leads reads what is asked in its turn, in which nobody may claim a slot, or withdraw in a turn of its own. Who
// cannot have the turn withdraws without: it clears its slot, and then looks whether its message is `taken`, while who
// leads says so first, and then looks whether the slot was cleared. One that is taken, or of which that cannot be read,
// may be there.
//
// All has checksums. Of a process that is no longer there, nothing is taken.
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

/// Threads: as its lock file, which must outlive it. Does not block, but for `sleep`. What fails in the file is as if
/// nobody asked, or nothing had been told.
class AppendSlots {
 public:
  static constexpr std::size_t kSlots = AppendedRow::kSlots;
  /// Of a stream's name and an entry's fields together.
  static constexpr std::size_t kRoom = 1000;

  explicit AppendSlots(const LockFile& file);
  ~AppendSlots();
  AppendSlots(const AppendSlots&) = delete;
  AppendSlots& operator=(const AppendSlots&) = delete;

  // Who waits.

  bool has_slot() const { return slot_.has_value(); }
  /// Looks for one, if it has none. Requires: the turn to write.
  void claim();
  /// False: it does not fit, or cannot be written. Requires: a slot, and nothing asked.
  bool ask(std::string_view stream, std::string_view fields);
  bool is_asking() const { return asking_; }

  enum class Told {
    appended,  ///< and is as safe as can be
    declined,  ///< cannot be appended by others
    nothing,
  };
  struct Answer {
    Told told = Told::nothing;
    Id id;
  };
  /// What has come until now. With any answer nothing is asked any more.
  Answer hear();
  /// From here on an answer is not missed by the next `sleep`.
  void listen() { bells_[*slot_]->listen(); }
  void sleep(std::chrono::milliseconds time) { bells_[*slot_]->wait(time, -1); }

  using Place = AppendedRow::Place;
  /// Withdraws what is asked, and returns where it was. Requires: the turn to write, and that something is asked.
  Place withdraw_in_turn();
  /// Without the turn. False: it may be there, or come. Requires: that something is asked.
  bool withdraw();

  /// Overwrites what processes that were killed have left. Requires: the turn, and that this one asks nothing.
  static void wipe_left(const LockFile& file);

  // Who leads.

  /// False: somebody else does, or that cannot be found out.
  bool start_leading();
  /// Wakes one of those whose messages are not there: they came too late. `row`: what is there; null: that was not
  /// found out. Does nothing for who does not lead.
  void stop_leading(const AppendedRow* row);
  /// Who does, if the system tells. Slow: see lock_holder.h.
  std::optional<LockHolder> who_leads() const;

  struct Asked {
    Place place;
    std::string stream;
    std::string fields;
  };
  /// What the living ask for, and is not there yet. Requires: to lead, and the turn, in which `row` was read.
  std::vector<Asked> asked(const AppendedRow& row);
  /// Marks what is asked there as taken. Returns what was withdrawn meanwhile, which is not to be appended. Requires:
  /// likewise.
  std::vector<Place> take(std::span<const Place> places);

  struct Outcome {
    Place place;
    std::optional<Id> id;  ///< nothing: declined
  };
  /// Tells them, and wakes them. Needs no memory. Requires: what was appended was synced.
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
  std::uint64_t number_ = 0;     ///< of what is asked, or was last
  std::size_t asked_bytes_ = 0;  ///< that it has in the file
  std::unique_ptr<Area> area_;
  /// Made when they are first needed, but before anything is promised: that takes memory.
  std::array<std::unique_ptr<Doorbell>, kSlots> bells_;
};

/// How long FILE-lock is with them; without: kLockFileBytes.
inline constexpr off_t kLockFileBytesWithSlots = 40'960;

}  // namespace weir::sqlite
