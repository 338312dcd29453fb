// `weir compact`.
#include "cli/run/progress_line.h"
#include "cli/run/session.h"
#include "io/json_writer.h"
#include "stream/upkeep.h"

namespace weir::cli {
namespace {

std::string_view name_of(CompactingWay way) {
  switch (way) {
    case CompactingWay::rewrite:
      return "rewrite";
    case CompactingWay::in_steps:
      return "in-steps";
    case CompactingWay::at_once:
      break;
  }
  return "at-once";
}

void write_compactable(std::string& out, const Compactable& found, CompactingWay way) {
  io::JsonWriter json(out);
  json.object([&] {
    json.member("bytes", found.bytes);
    json.member("free", found.free);
    json.member("way", name_of(way));
  });
  out += '\n';
}

void write_compacted(std::string& out, const Compacted& compacted) {
  const auto longest = std::chrono::ceil<std::chrono::milliseconds>(compacted.longest_turn);
  io::JsonWriter json(out);
  json.object([&] {
    json.member("before", compacted.before);
    json.member("after", compacted.after);
    json.member("longest-turn-ms", static_cast<std::uint64_t>(longest.count()));
  });
  out += '\n';
}

}  // namespace

Result<int> run_compact(const Session& session) {
  const bool at_once = session.arguments.options.has("--at-once");
  const bool dry_run = session.arguments.options.has("--dry-run");
  WEIR_ASSIGN(const auto store, open_file(session, dry_run ? Access::look : Access::make));
  auto& file = dynamic_cast<Upkeep&>(*store);
  if (dry_run) {
    WEIR_ASSIGN(const Compactable found, file.compactable());
    write_compactable(session.out.text(), found, at_once ? CompactingWay::at_once : found.way);
    return 0;
  }
  Result<Compacted> done;
  {
    ProgressLine line(session, session.settings.database, {}, true);
    const auto tell = [&] { line.show(); };
    file.while_working(tell);
    done = file.compact(at_once, tell);
    file.while_working({});
  }
  WEIR_ASSIGN(const Compacted compacted, std::move(done));
  write_compacted(session.out.text(), compacted);
  return 0;
}

}  // namespace weir::cli
