// `weir pause` and `weir resume`.
#include "cli/arguments/fill.h"
#include "cli/arguments/help.h"
#include "cli/run/answer.h"
#include "cli/run/session.h"
#include "stream/pausing.h"

namespace weir::cli {
namespace {

struct Chosen {
  std::string stream;
  std::string group;
};

Result<Chosen> read_chosen(const Session& session) {
  const Arguments& arguments = session.arguments;
  WEIR_TRY(check_none_is_empty(arguments));
  if (arguments.words.size() != 2) {
    return fail(Failure::usage, std::string(arguments.command->name) + " takes a STREAM and a GROUP",
                usage_of(arguments));
  }
  return Chosen{std::string(arguments.words[0]), std::string(arguments.words[1])};
}

}  // namespace

Result<int> run_pause(const Session& session) {
  WEIR_ASSIGN(const Chosen chosen, read_chosen(session));
  WEIR_ASSIGN(const auto store, open_for(session));
  WEIR_TRY(dynamic_cast<Pausing&>(*store).pause(chosen.stream, chosen.group, session.arguments.options.time("--for")));
  write_answer(session.out.text(), session.settings, Ok());
  return 0;
}

Result<int> run_resume(const Session& session) {
  WEIR_ASSIGN(const Chosen chosen, read_chosen(session));
  WEIR_ASSIGN(const auto store, open_for(session));
  WEIR_TRY(dynamic_cast<Pausing&>(*store).resume(chosen.stream, chosen.group));
  write_answer(session.out.text(), session.settings, Ok());
  return 0;
}

}  // namespace weir::cli
