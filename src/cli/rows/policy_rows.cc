// Rows: time and policy.
#include "cli/command_table/command_rows.h"
#include "cli/run/session.h"

namespace weir::cli {

namespace {

using command::Effect;
using std::string_view;

constexpr string_view kLsUsage[] = {"delayed ls [STREAM ...]"};
constexpr Example kLsExamples[] = {{"weir delayed ls reminders", "what will be appended, and when"}};
constexpr string_view kCancelUsage[] = {"delayed cancel STREAM @DUE-NUMBER [@DUE-NUMBER ...]"};
constexpr Example kCancelExamples[] = {{"weir delayed cancel reminders @1764576000000-7", "it is not wanted any more"}};
constexpr string_view kNowUsage[] = {"delayed now STREAM @DUE-NUMBER [@DUE-NUMBER ...]"};
constexpr Example kNowExamples[] = {{"weir delayed now reminders @1764576000000-7", "append it at once"}};

constexpr Place kStreamAndHandles[] = {{Named::stream}, {Named::text, true}};

constexpr Command kRows[] = {
    {.name = "delayed ls",
     .section = Section::streams,
     .effect = Effect::looks,
     .summary = "the messages that wait for their time",
     .usage = kLsUsage,
     .places = kStreams,
     .run = run_delayed_ls,
     .nothing = "no delayed messages",
     .examples = kLsExamples,
     .notes = "In the order in which they are due; without a STREAM those of all streams. Exit status 1: there are "
              "none."},
    {.name = "delayed cancel",
     .section = Section::streams,
     .effect = Effect::writes,
     .summary = "take back delayed messages",
     .usage = kCancelUsage,
     .places = kStreamAndHandles,
     .run = run_delayed_cancel,
     .examples = kCancelExamples,
     .notes = "Prints how many there were. One that was due has been appended, and has an ID instead."},
    {.name = "delayed now",
     .section = Section::streams,
     .effect = Effect::writes,
     .summary = "append delayed messages before they are due",
     .usage = kNowUsage,
     .places = kStreamAndHandles,
     .run = run_delayed_now,
     .examples = kNowExamples,
     .notes = "Prints how many there were."},
};

}  // namespace

std::span<const Command> policy_rows() {
  return kRows;
}

}  // namespace weir::cli
