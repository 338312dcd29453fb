// A VFS that remembers every write and sync, so that a test can say what a disk would hold after loss of power.
#pragma once

#include <chrono>
#include <functional>
#include <map>
#include <string>
#include <vector>

namespace weir::test {

/// What SQLite did to its files, in order.
struct DiskOperation {
  enum class Kind { write, truncate, sync, remove };
  Kind kind;
  std::string path;
  long long offset = 0;  ///< truncate: the new length; sync: how many operations there were when it began
  std::string data;
};

/// From construction to destruction, the default VFS of the process records. Files are written all the same.
class RecordingVfs {
 public:
  RecordingVfs();
  ~RecordingVfs();
  RecordingVfs(const RecordingVfs&) = delete;
  RecordingVfs& operator=(const RecordingVfs&) = delete;

  /// Requires: nobody writes meanwhile.
  const std::vector<DiskOperation>& operations() const;
  /// How many there are.
  std::size_t count() const;

  /// From now on so many bytes can be written, then the disk is full. Negative: there is no end to it.
  static void set_space(long long bytes);
  /// From now on syncs fail.
  static void set_syncs_fail(bool fail);
  /// From now on each takes so long. What is written meanwhile is not a part of it.
  static void set_sync_takes(std::chrono::milliseconds time);

  enum class Moment {
    after_commit,       ///< somebody has committed to a log, and SQLite lets others write: before it is told so
    before_sync,        ///< of any file
    before_moving_log,  ///< somebody is about to take the lock for it
    moving_log_begins   ///< somebody moves a log, of which it has seen for the first time how long it is
  };
  /// What is to be done when that comes next: once.
  static void at(Moment moment, std::function<void()> act);
};

/// The content of each file after the first `cut` operations and loss of power. `reaches_disk` is asked of each that
/// was not synced before, in their order: whether it did so all the same.
std::map<std::string, std::string> disk_after(const std::vector<DiskOperation>& operations, std::size_t cut,
                                              const std::function<bool()>& reaches_disk);

}  // namespace weir::test
