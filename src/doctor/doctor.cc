#include "doctor/doctor.h"

#include <fmt/format.h>
#include <sys/utsname.h>

#include "doctor/file_checks.h"
#include "doctor/server.h"
#include "doctor/shells.h"
#include "sqlite/file/file_names.h"
#include "sqlite/file/look_inside.h"
#include "sqlite/sqlite_store.h"

namespace weir::doctor {
namespace {

void check_versions(const Tell& tell) {
  const std::string sqlite = sqlite::library_version();
  utsname system{};
  const std::string name = uname(&system) == 0 ? fmt::format(", {} {}", system.sysname, system.release) : "";
  const std::string what = fmt::format("weir {}, SQLite {}{}", WEIR_VERSION, sqlite, name);
  if (sqlite::is_older_than_built_with()) {
    tell({State::warning, "versions", what + "; weir was built with SQLite " + sqlite::built_with(),
          "update the library, libsqlite3"});
  } else {
    tell({State::ok, "versions", what});
  }
}

}  // namespace

Result<void> examine_file(const std::string& name, const Tell& tell) {
  WEIR_TRY(sqlite::check_name(name));
  check_versions(tell);
  const Place place = place_of(name);
  check_names(place, tell);
  check_folder(place, tell);
  check_file_system(place, tell);
  const bool is_file = place.error == 0 && (!place.database || S_ISREG(place.database->st_mode));
  std::optional<sqlite::Inside> inside;
  if (is_file) {
    inside = check_database(place, tell);
    check_lock_file(place, tell);
    check_log(place, tell);
  }
  check_space(place, tell);
  if (place.may_make_files) {
    try_locks(place, tell);
    try_sync(place, tell);
  }
  check_clock(place, inside, tell);
  check_shells(tell);
  return {};
}

Result<void> examine_server(const std::string& url, const std::string& password, std::chrono::milliseconds timeout,
                            const Tell& tell) {
  check_versions(tell);
  WEIR_TRY(check_server(url, password, timeout, tell));
  check_shells(tell);
  return {};
}

}  // namespace weir::doctor
