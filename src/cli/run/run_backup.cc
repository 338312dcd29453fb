// `weir backup`.
#include <fcntl.h>
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
#include "system/fd.h"
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

/// Whether the target is the database, or a file that SQLite or weir would take for a part of it.
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

Result<void> check_target(Upkeep& file, const std::string& target) {
  return is_there(target) ? file.may_replace(target) : file.may_make(target);
}

/// A file in which a backup for standard output is put together, as it is verified before any of it is written. The
/// file has no name, so nothing is left of it, however this process ends.
Result<Fd> open_nameless() {
  const char* variable = std::getenv("TMPDIR");
  const std::string folder = variable != nullptr && *variable != '\0' ? variable : "/tmp";
#ifdef O_TMPFILE
  if (Fd made = Fd::open(folder.c_str(), O_TMPFILE | O_RDWR | O_CLOEXEC, 0600)) {
    return made;
  }
#endif
  // Some file systems have no files without a name; there the file has a name for a moment.
  std::string name = folder + "/weir-backup-XXXXXX";
  Fd made(::mkostemp(name.data(), O_CLOEXEC));
  if (!made) {
    return fail(Failure::store, "no file can be made in " + folder + ": " + system_reason(errno),
                "name another folder in TMPDIR");
  }
  ::unlink(name.c_str());
  return made;
}

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

Result<void> write_backup(const Session& session, Upkeep& file, int to, const std::string& name) {
  ProgressLine line(session, session.settings.database, {}, true);
  return file.backup(to, name, [&]() -> Result<void> {
    line.show();
    return stop_signal() == 0 ? Result<void>() : fail(Failure::refused, "the backup was stopped");
  });
}

Result<void> back_up_to_output(const Session& session, Upkeep& file) {
  if (::isatty(STDOUT_FILENO) != 0) {
    return fail(Failure::usage, "a backup is no text for a terminal", "weir backup FILE");
  }
  WEIR_ASSIGN(const Fd nameless, open_nameless());
  WEIR_TRY(write_backup(session, file, nameless.get(), "the backup"));
  return write_out(nameless.get());
}

Result<void> back_up_to(const std::string& target, const Session& session, Upkeep& file) {
  const std::string& database = session.settings.database;
  if (belongs_to(target, database)) {
    return fail(Failure::usage, target + " is the database itself");
  }
  WEIR_TRY(check_target(file, target));
  WEIR_ASSIGN(io::PartialFile partial, io::PartialFile::open(target));
  WEIR_TRY(write_backup(session, file, partial.fd(), partial.path()));
  WEIR_TRY(check_target(file, target));  // making the backup took a while, so the target is checked again
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
  const StopSignals noted;  // notes signals, so that no partial file is left
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
