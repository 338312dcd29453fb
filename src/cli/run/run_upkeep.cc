// `weir verify`: checks the file itself.
#include <fmt/format.h>

#include "cli/run/progress_line.h"
#include "cli/run/session.h"
#include "io/json_writer.h"
#include "redis/wire/url.h"
#include "stream/upkeep.h"

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
  for (const std::string& noted : verified.noted) {
    io::JsonWriter line(out);
    line.object([&] { line.member("noted", noted); });
    out += '\n';
  }
  io::JsonWriter json(out);
  json.object([&] {
    json.member("streams", verified.streams);
    json.member("entries", verified.entries);
    json.member("found", verified.found);
    json.member("left", verified.left);
  });
  out += '\n';
}

}  // namespace

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
              repair
                  ? "use the last backup; or leave behind what SQLite cannot read: sqlite3 FILE '.clone NEW', and then "
                    "weir --db NEW verify --repair"
                  : "weir verify --repair mends what can be mended: make a copy of the file first");
}

}  // namespace weir::cli
