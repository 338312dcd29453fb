// `weir verify` and `weir backup`: the file itself.
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>

#include "cli/arguments/help.h"
#include "cli/run/progress_line.h"
#include "cli/run/session.h"
#include "io/json_writer.h"
#include "io/output.h"
#include "io/partial_file.h"
#include "redis/wire/url.h"
#include "stream/upkeep.h"
#include "system/system_reason.h"

namespace weir::cli {
namespace {

void write_finding(std::string& out, const Finding& finding) {
  io::JsonWriter json(out);
  json.object([&] {
    json.member("rule", finding.rule);
    if (finding.stream) {
      json.member("stream", *finding.stream);
    }
    if (finding.group) {
      json.member("group", *finding.group);
    }
    json.member("what", finding.what);
    if (finding.more > 0) {
      json.member("more", finding.more);
    }
    json.key("mended");
    json.json(finding.mended ? "true" : "false");
    if (!finding.mended) {
      json.key("can-be-mended");
      json.json(finding.can_be_mended ? "true" : "false");
    }
  });
  out += '\n';
}

void write_verified(std::string& out, const Verified& verified) {
  io::JsonWriter json(out);
  json.object([&] {
    json.member("streams", verified.streams);
    json.member("entries", verified.entries);
    json.member("found", verified.found);
    json.member("left", verified.left);
  });
  out += '\n';
}

/// Opens the file that is there.
Result<std::unique_ptr<Store>> open_file(const Session& session, Access access) {
  if (redis::is_server(session.settings.database)) {
    return fail(Failure::usage, std::string(session.arguments.command->name) + " is for a file, not for a server",
                "name one with --db, or in $WEIR_DB");
  }
  WEIR_ASSIGN(auto store, open_store(session.settings, Access::look));
  if (access == Access::look) {
    return store;
  }
  return open_store(session.settings, access);
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

bool is_same_file(const std::string& one, const std::string& other) {
  struct stat a {};
  struct stat b {};
  return ::stat(one.c_str(), &a) == 0 && ::stat(other.c_str(), &b) == 0 && a.st_dev == b.st_dev && a.st_ino == b.st_ino;
}

/// Where what goes to standard output is put together: it is verified before any of it goes.
std::string place_for_output() {
  const char* folder = std::getenv("TMPDIR");
  return fmt::format("{}/weir-backup-{}", folder != nullptr && *folder != '\0' ? folder : "/tmp", ::getpid());
}

}  // namespace

Result<int> run_verify(const Session& session) {
  const bool repair = session.arguments.options.has("--repair");
  WEIR_ASSIGN(const auto store, open_file(session, repair ? Access::make : Access::look));
  auto& file = dynamic_cast<Upkeep&>(*store);
  Result<Verified> looked;
  {
    ProgressLine line(session, session.settings.database, {}, true);
    file.while_working([&] { line.show(); });
    looked = file.verify(repair, [&](const Finding& finding) { write_finding(session.out.text(), finding); });
    file.while_working({});
  }
  WEIR_ASSIGN(const Verified verified, std::move(looked));
  write_verified(session.out.text(), verified);
  if (verified.left == 0) {
    return 0;
  }
  WEIR_TRY(session.out.flush());
  return fail(Failure::store,
              fmt::format("{}: {} {} not fit", session.settings.database, verified.left,
                          verified.left == 1 ? "thing does" : "things do"),
              repair ? "what weir cannot mend is in the last backup, or can be taken out with sqlite3 .recover"
                     : "weir verify --repair mends what can be mended: make a copy of the file first");
}

Result<int> run_backup(const Session& session) {
  const auto& words = session.arguments.words;
  if (words.size() != 1 || words[0].empty()) {
    return fail(Failure::usage, "backup takes a FILE, or - for standard output", usage_of(session.arguments));
  }
  const std::string& database = session.settings.database;
  const bool to_output = words[0] == "-";
  if (to_output && ::isatty(STDOUT_FILENO) != 0) {
    return fail(Failure::usage, "a backup is no text for a terminal", "weir backup FILE");
  }
  const std::string target = to_output ? place_for_output() : std::string(words[0]);
  WEIR_TRY(check_is_expanded(target));
  WEIR_ASSIGN(const auto store, open_file(session, Access::look));
  auto& file = dynamic_cast<Upkeep&>(*store);
  if (is_same_file(target, database)) {
    return fail(Failure::usage, target + " is the database itself");
  }
  if (::access(target.c_str(), F_OK) == 0) {
    WEIR_TRY(file.may_replace(target));
  }
  WEIR_ASSIGN(io::PartialFile partial, io::PartialFile::open(target));
  Result<void> written;
  {
    ProgressLine line(session, database, {}, true);
    written = file.backup(partial.fd(), partial.path(), [&](std::uint64_t, std::uint64_t) { line.show(); });
  }
  WEIR_TRY(std::move(written));
  WEIR_TRY(to_output ? write_out(partial.fd()) : partial.become_target(database));
  return 0;
}

}  // namespace weir::cli
