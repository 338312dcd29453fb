// Rows: running a command for each message, and dealing with messages for which every command failed.
#include "cli/command_table/command_rows.h"
#include "cli/run/session.h"
#include "worker/options.h"

namespace weir::cli {

namespace {

using command::Effect;
using std::string_view;

constexpr string_view kWorkUsage[] = {"work STREAM [STREAM ...] --group GROUP [OPTION ...] -- COMMAND [ARGUMENT ...]"};
constexpr Choice kInputs[] = {choice("entry", worker::CommandInput::entry),
                              choice("fields", worker::CommandInput::fields),
                              choice("none", worker::CommandInput::none)};
constexpr Choice kMissing[] = {choice("typo", worker::Missing::typo), choice("dead", worker::Missing::dead),
                               choice("empty", worker::Missing::empty), choice("stop", worker::Missing::stop)};
constexpr Option kWorkOptions[] = {
    {"--group",
     text("GROUP", Named::group),
     "whose messages; made if it is not there, from the first message on",
     {},
     'g'},
    {"--consumer", text("NAME", Named::consumer),
     "this worker's name; if not given, host and process, for as long as it runs"},
    {"--jobs", number("N", 1, 10'000), "commands at once; 1 if not given", {}, 'j'},
    {"--strict", flag(), "always from the first STREAM that has something; if not given, from one after the other"},
    {"--rate", rate("N/s"), "all workers of the group together begin so many a second, minute (N/m) or hour (N/h)"},
    {"--group-jobs", number("N", 1, 1'000'000'000), "all workers of the group together run so many at once"},
    {"--serial", text("FIELD"),
     "of messages with the same value of the field one at a time, in their order, over all workers of the group"},
    {"--batch", number("N", 1, 100'000), "up to N messages for one run of the command, all acknowledged or none"},
    {"--stdin", one_of("WHAT", kInputs, "entry"), "what the command reads: {}"},
    {"--missing", one_of("WHAT", kMissing, "typo"),
     "a {field} that a message has not: {}; typo: if no message has had it, the worker stops after three"},
    {"--pass-password", flag(), "the command gets the server's password: WEIR_REDIS_PASSWORD, and that in WEIR_DB"},
    {"--tag", flag(), "each line of output begins with the message's ID and a tab"},
    {"--delete", flag(), "messages that are done are removed from the stream"},
    {"--into", text("STREAM", Named::stream),
     "what the command prints, JSON lines, is appended there as the message is acknowledged"},
    {"--log", text("STREAM", Named::stream), "an entry there about each run: its status, times, and what it printed"},
    {"--dry-run", flag(), "print the commands as they would be run, and take nothing"},
    {"--backoff", times("A..B"),
     "wait before the next delivery: A, doubled each time, at most B; A alone: always A; 1s..5m if not given"},
    {"--max-deliveries", number("N", 0, 1'000'000'000), "after so many a message is a dead letter; 5; 0: never"},
    {"--later-status", status("N[=TIME]"),
     "an exit status that means: not now; again after TIME, or as --backoff says, and not counted as a delivery"},
    {"--max-laters", number("N", 0, 1'000'000'000), "a message may be put off so often; then it has failed; 100"},
    {"--dead-letter", text("STREAM", Named::stream), "where dead letters go; STREAM.dead"},
    {"--on-dead", text("SCRIPT"),
     "a shell script that is run for each dead letter: it reads the entry, WEIR_ID and WEIR_REASON say which and why"},
    {"--timeout", time("TIME", 1), "limit for one run of the command"},
    {"--kill-after", time("TIME"), "from SIGTERM to SIGKILL; 10s"},
    {"--grace", time("TIME"), "how long commands may run on after the first SIGTERM or SIGINT; 30s"},
    {"--min-idle", time("TIME", 10), "after so long without a sign of life a worker's messages go to others; 60s"},
    {"--verbose", flag(), "say when it begins and what it is told, and sum up; on a terminal it does", {}, 'v'},
    {"--quiet", flag(), "say nothing about messages that failed", {}, 'q'},
    {"--until-empty", flag(), "end when nothing is left to deliver or to retry"},
    {"--max-messages", number("N", 1), "end after so many messages"},
    {"--max-time", time("TIME"), "take nothing new after this time"},
};
constexpr Example kWorkExamples[] = {
    {"weir work emails --group mailers -j 4 --timeout 30s -- printf 'a mail to %s\\n' {to}",
     "a process for each message, four at once"},
    {"weir work orders --group bills --stdin fields --into invoices -- cat",
     "a pipeline: what is printed goes on, exactly once"},
};

constexpr string_view kWaitUsage[] = {"wait STREAM --group GROUP [ID ...] [--timeout TIME]"};
constexpr Option kWaitOptions[] = {
    {"--group", text("GROUP", Named::group), "the group that has to acknowledge them", {}, 'g'},
    {"--timeout", time("TIME"), "wait at most so long"},
    {"--dead-letter", text("STREAM", Named::stream), "where the group's dead letters go; STREAM.dead if not given"},
};
constexpr Example kWaitExamples[] = {
    {"weir wait emails --group mailers 1526919030474-55", "until it was sent"},
    {"weir wait emails --group mailers --timeout 1h", "until all that is queued now is done"}};

constexpr Option kLetters = {"--dead-letter", text("NAME"), "the stream of the dead letters; STREAM.dead if not given"};
constexpr Option kDeadListOptions[] = {kLetters, kSince, kUntil, kNewest, kFieldIs};
constexpr Option kPurgeOptions[] = {
    kLetters,
    kSince,
    kUntil,
    kFieldIs,
    {"--all", flag(), "all of them"},
    {"--dry-run", flag(), "only list which it would be"},
};
constexpr Option kRequeueOptions[] = {
    kLetters,
    kSince,
    kUntil,
    kFieldIs,
    {"--all", flag(), "all of them"},
    {"--limit", number("N", 1), "at most N, the oldest first"},
    {"--rate", rate("N/s"), "so many a second, minute (N/m) or hour (N/h), not all at once"},
    {"--dry-run", flag(), "only list which it would be"},
};
constexpr string_view kDeadLsUsage[] = {"dead ls [STREAM] [ID ...] [--where FIELD=VALUE]"};
constexpr Example kDeadLsExamples[] = {{"weir dead ls", "all dead letters"},
                                       {"weir dead ls emails", "what was given up, why, and how long ago"}};
constexpr string_view kDeadShowUsage[] = {"dead show STREAM [ID ...] [--where FIELD=VALUE]"};
constexpr Example kDeadShowExamples[] = {{"weir dead show emails 1526919030474-55", "one dead letter, whole"}};
constexpr string_view kDeadRequeueUsage[] = {
    "dead requeue STREAM ID [ID ...]",
    "dead requeue STREAM --where FIELD=VALUE | --since TIME | --until TIME | --all [--limit N] [--rate "
    "N/s] [--dry-run]"};
constexpr Example kDeadRequeueExamples[] = {
    {"weir dead requeue emails --where 'weir.reason=exit 75'", "what failed for one reason, once more"}};
constexpr string_view kDeadPurgeUsage[] = {
    "dead purge STREAM ID [ID ...]", "dead purge STREAM --where FIELD=VALUE | --since TIME | --until TIME | --all"};
constexpr Example kDeadPurgeExamples[] = {
    {"weir dead purge emails --until 30d", "forget those of more than 30 days ago"}};

constexpr Command kRows[] = {
    {.name = "work",
     .section = Section::groups,
     .effect = Effect::waits,
     .summary = "run a command for each message",
     .usage = kWorkUsage,
     .options = kWorkOptions,
     .places = kStreams,
     .runs_program = true,
     .run = run_worker,
     .examples = kWorkExamples,
     .notes =
         "In the command's arguments {field} is a field's value, {} the entry as a JSON line, {id}, {stream} and "
         "{deliveries} what they say; {{ and }} are braces. The command's exit status decides: 0, the message is "
         "acknowledged; 65, it is a dead letter; anything else, it is delivered again later. Exit status: 0 all done, "
         "1 nothing to do, 3 some became dead letters."},
    {.name = "wait",
     .section = Section::groups,
     .effect = Effect::looks,
     .summary = "wait until messages are acknowledged",
     .usage = kWaitUsage,
     .options = kWaitOptions,
     .places = kStreamIds,
     .run = run_wait,
     .nothing = "not acknowledged yet",
     .examples = kWaitExamples,
     .notes = "Without an ID it waits for all messages that are there now. Exit status 0: the group has acknowledged "
              "them; 1: the time is over; 3: one has become a dead letter, which is told with its reason, or is not "
              "there."},
    {.name = "dead ls",
     .section = Section::groups,
     .effect = Effect::looks,
     .summary = "list dead letters",
     .usage = kDeadLsUsage,
     .options = kDeadListOptions,
     .places = kDeadStreamLetters,
     .run = run_dead_ls,
     .nothing = "no dead letters",
     .all_columns = "id,time,message,stream,group,reason,deliveries,age",
     .examples = kDeadLsExamples,
     .notes = "STREAM is the one that the messages were on; without it those of all streams STREAM.dead are listed. "
              "Exit status 1: there is none."},
    {.name = "dead show",
     .section = Section::groups,
     .effect = Effect::looks,
     .summary = "show dead letters whole",
     .usage = kDeadShowUsage,
     .options = kDeadListOptions,
     .places = kDeadStreamLetters,
     .run = run_dead_show,
     .nothing = "no such dead letter",
     .examples = kDeadShowExamples,
     .notes = "IDs are those of the letters, as dead ls has them, not those of the messages."},
    {.name = "dead requeue",
     .section = Section::groups,
     .effect = Effect::writes,
     .summary = "give dead letters back to their groups",
     .usage = kDeadRequeueUsage,
     .options = kRequeueOptions,
     .places = kDeadStreamLetters,
     .run = run_dead_requeue,
     .nothing = "no such dead letter",
     .examples = kDeadRequeueExamples,
     .notes =
         "Each message goes back to its own group, under its own ID, which is printed. Where its entry is gone, it "
         "is appended anew: all groups are given it, and the field weir.requeued has its first ID."},
    {.name = "dead purge",
     .section = Section::groups,
     .effect = Effect::writes,
     .summary = "remove dead letters",
     .usage = kDeadPurgeUsage,
     .options = kPurgeOptions,
     .places = kDeadStreamLetters,
     .run = run_dead_purge,
     .nothing = "no such dead letter",
     .examples = kDeadPurgeExamples,
     .notes = "Prints how many."},
};

}  // namespace

std::span<const Command> work_rows() {
  return kRows;
}

}  // namespace weir::cli
