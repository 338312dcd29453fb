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
constexpr Option kCancelOptions[] = {kDryRun};
constexpr Example kCancelExamples[] = {{"weir delayed cancel reminders @1764576000000-7", "it is not wanted any more"}};
constexpr string_view kNowUsage[] = {"delayed now STREAM @DUE-NUMBER [@DUE-NUMBER ...]"};
constexpr Example kNowExamples[] = {{"weir delayed now reminders @1764576000000-7", "append it at once"}};

constexpr string_view kKeepUsage[] = {"keep STREAM [--maxlen N] [--maxage TIME] [--acked]", "keep STREAM [--off]",
                                      "keep --apply [GLOB] [--dry-run]"};
constexpr Option kKeepOptions[] = {
    {"--maxlen", number("N", 0), "keep the newest N entries"},
    {"--maxage", age("TIME", 1), "keep what is no older, by the times in the IDs: 7d, 12h; the unit has to be said"},
    {"--acked", flag(),
     "let nothing go that a group has not been given and acknowledged; alone: whatever all groups are done with goes"},
    {"--off", flag(), "end the policy"},
    {"--apply", flag(), "apply the policies of these streams, or of all, now and to the letter"},
    {"--dry-run", flag(), "with --apply: remove nothing, and say how many entries it would be"},
};
constexpr Example kKeepExamples[] = {
    {"weir keep emails --maxage 7d --acked", "a week, and whatever is not done"},
    {"weir keep emails", "what it keeps"},
    {"weir keep --apply", "from cron, for streams to which nothing is appended"},
};
constexpr string_view kPauseUsage[] = {"pause STREAM GROUP [--for TIME]"};
constexpr Option kPauseOptions[] = {{"--for", time("TIME", 1), "only so long: 10m, 2h; else until weir resume"}};
constexpr Example kPauseExamples[] = {{"weir pause emails mailers --for 1h", "the mail server is down"}};
constexpr string_view kResumeUsage[] = {"resume STREAM GROUP"};
constexpr Example kResumeExamples[] = {{"weir resume emails mailers", "it is up again"}};

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
     .options = kCancelOptions,
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
    {.name = "keep",
     .section = Section::streams,
     .effect = Effect::writes,
     .summary = "what a stream keeps, as a standing policy",
     .usage = kKeepUsage,
     .options = kKeepOptions,
     .places = kStream,
     .run = run_keep,
     .nothing = "no policy",
     .all_columns = "stream,maxlen,maxage,acked,deleted",
     .examples = kKeepExamples,
     .notes = "Appending applies it from then on, now and then: a stream may have 128 entries more than that, with "
              "--acked an eighth more. What is given takes the place of the policy that there was. Without options it "
              "is shown. Exit status 1: there is none."},
    {.name = "pause",
     .section = Section::groups,
     .effect = Effect::writes,
     .summary = "give a group nothing for a while",
     .usage = kPauseUsage,
     .options = kPauseOptions,
     .places = kStreamGroup,
     .run = run_pause,
     .examples = kPauseExamples,
     .notes = "Nothing is delivered or claimed meanwhile; readers and workers wait. What runs goes on, and can be "
              "acknowledged. One that is paused already is paused for that time from now."},
    {.name = "resume",
     .section = Section::groups,
     .effect = Effect::writes,
     .summary = "end a pause",
     .usage = kResumeUsage,
     .places = kStreamGroup,
     .run = run_resume,
     .examples = kResumeExamples,
     .notes = "Whoever waits goes on. A group that is not paused stays so."},
};

}  // namespace

std::span<const Command> policy_rows() {
  return kRows;
}

}  // namespace weir::cli
