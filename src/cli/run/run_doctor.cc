// `weir doctor`: examines the surroundings of the store.
#include "cli/run/session.h"
#include "doctor/doctor.h"
#include "redis/wire/url.h"

namespace weir::cli {

Result<int> run_doctor(const Session& session) {
  const Settings& settings = session.settings;
  // The report is text even off a terminal, unless JSON is asked for.
  const bool json = asks_for_json(session.arguments.options);
  bool broken = false;
  Result<void> written;
  const auto tell = [&](const doctor::Finding& finding) {
    broken = broken || finding.state == doctor::State::bad;
    std::string& out = session.out.text();
    json ? doctor::write_json(out, finding) : doctor::write_line(out, finding, settings.color);
    if (written) {
      written = session.out.flush();  // the next check may take a while, for instance if a file system does not answer
    }
  };
  WEIR_ASSIGN(const bool server, names_server(settings));
  if (server) {
    WEIR_ASSIGN(const std::string password, server_password(settings));
    WEIR_TRY(doctor::examine_server(settings.database, password, settings.lock_timeout, tell));
  } else {
    WEIR_TRY(doctor::examine_file(settings.database, tell));
  }
  WEIR_TRY(written);
  return broken ? static_cast<int>(Failure::store) : 0;
}

}  // namespace weir::cli
