// `weir backup`.
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>

#include "cli/arguments/help.h"
#include "cli/run/progress_line.h"
#include "cli/run/session.h"
#include "cli/run/stop_signals.h"
#include "io/output.h"
#include "io/partial_file.h"
#include "stream/upkeep.h"
#include "system/clock.h"
#include "system/system_reason.h"

namespace weir::cli {
namespace {

bool is_there(const std::string& path) {
  struct stat found {};
  return ::lstat(path.c_str(), &found) == 0;
}

bool is_same_file(const std::string& one, const std::string& other) {
  struct stat a {};
  struct stat b {};
  return ::stat(one.c_str(), &a) == 0 && ::stat(other.c_str(), &b) == 0 && a.st_dev == b.st_dev && a.st_ino == b.st_ino;
}

/// The database, or what SQLite or weir would take for a part of it.
bool belongs_to(const std::string& target, const std::string& database) {
  if (is_same_file(target, database)) {
    return true;
  }
  for (const std::string_view end : {"-wal", "-shm", "-journal", "-lock"}) {
    if (target.ends_with(end) && is_same_file(target.substr(0, target.size() - end.size()), database)) {
      return true;
    }
  }
  return false;
}

/// What is written over is a database of weir's that nobody has open; and nothing lies beside the new one that would be
/// taken for its log.
Result<void> check_target(Upkeep& file, const std::string& target) {
  if (is_there(target)) {
    return file.may_replace(target);
  }
  for (const char* end : {"-wal", "-journal"}) {
    if (is_there(target + end)) {
      return fail(Failure::store, target + end + " is in the way: it is of another database", "name another file");
    }
  }
  return {};
}

/// Where what goes to standard output is put together: it is verified before any of it goes.
class OutputFolder {
 public:
  static Result<OutputFolder> make() {
    const char* folder = std::getenv("TMPDIR");
    OutputFolder made((folder != nullptr && *folder != '\0' ? std::string(folder) : "/tmp") + "/weir-backup-XXXXXX");
    if (::mkdtemp(made.path_.data()) == nullptr) {
      const int reason = errno;
      return fail(Failure::store, "no folder can be made in the place of " + std::exchange(made.path_, {}) + ": " +
                                      system_reason(reason));
    }
    return made;
  }
  OutputFolder(OutputFolder&& other) noexcept : path_(std::exchange(other.path_, {})) {}
  OutputFolder(const OutputFolder&) = delete;
  OutputFolder& operator=(const OutputFolder&) = delete;
  OutputFolder& operator=(OutputFolder&&) = delete;
  ~OutputFolder() {
    if (!path_.empty()) {
      ::rmdir(path_.c_str());
    }
  }
  std::string file() const { return path_ + "/backup"; }

 private:
  explicit OutputFolder(std::string path) : path_(std::move(path)) {}
  std::string path_;
};

Result<void> write_out(int from) {
  constexpr std::size_t kPiece = std::size_t{1} << 20U;
  std::string piece(kPiece, '\0');
  for (off_t at = 0;;) {
    const ssize_t size = ::pread(from, piece.data(), piece.size(), at);
    if (size == 0) {
      return {};
    }
    if (size < 0) {
      return fail(Failure::store, std::string("the backup cannot be read: ") + system_reason(errno));
    }
    const int wrong = io::write_all(STDOUT_FILENO, std::string_view(piece).substr(0, static_cast<std::size_t>(size)));
    if (wrong != 0) {
      return fail(Failure::store, std::string("the backup cannot be written: ") + system_reason(wrong));
    }
    at += size;
  }
}

Result<void> write_backup(const Session& session, Upkeep& file, const io::PartialFile& partial) {
  ProgressLine line(session, session.settings.database, {}, true);
  return file.backup(partial.fd(), partial.path(), [&]() -> Result<void> {
    line.show();
    return stop_signal() == 0 ? Result<void>() : fail(Failure::refused, "the backup was stopped");
  });
}

Result<void> back_up_to_output(const Session& session, Upkeep& file) {
  if (::isatty(STDOUT_FILENO) != 0) {
    return fail(Failure::usage, "a backup is no text for a terminal", "weir backup FILE");
  }
  WEIR_ASSIGN(const OutputFolder folder, OutputFolder::make());
  WEIR_ASSIGN(const io::PartialFile partial, io::PartialFile::open(folder.file()));
  WEIR_TRY(write_backup(session, file, partial));
  return write_out(partial.fd());
}

Result<void> back_up_to(const std::string& target, const Session& session, Upkeep& file) {
  const std::string& database = session.settings.database;
  if (belongs_to(target, database)) {
    return fail(Failure::usage, target + " is the database itself");
  }
  WEIR_TRY(check_target(file, target));
  WEIR_ASSIGN(io::PartialFile partial, io::PartialFile::open(target));
  WEIR_TRY(write_backup(session, file, partial));
  WEIR_TRY(check_target(file, target));  // it took a while
  return partial.become_target(database);
}

}  // namespace

Result<int> run_backup(const Session& session) {
  const auto& words = session.arguments.words;
  if (words.size() != 1 || words[0].empty()) {
    return fail(Failure::usage, "backup takes a FILE, or - for standard output", usage_of(session.arguments));
  }
  const std::string target(words[0]);
  WEIR_TRY(check_is_expanded(target));
  WEIR_ASSIGN(const auto store, open_file(session, Access::look));
  auto& file = dynamic_cast<Upkeep&>(*store);
  const StopSignals noted;  // so that nothing is left
  const UnixMs begun = unix_now();
  WEIR_TRY(target == "-" ? back_up_to_output(session, file) : back_up_to(target, session, file));
  if (auto done = file.note_backup(begun); !done) {
    Error error = std::move(done).error();
    error.message = "the backup is made, but when cannot be noted: " + error.message;
    report(error);
  }
  return 0;
}

}  // namespace weir::cli
