// Rows: looking, whole streams, tools, and commands that only batch knows.
#include "cli/command_table/command_rows.h"
#include "cli/run/list_order.h"
#include "cli/run/session.h"

namespace weir::cli {

namespace {

using command::Effect;
using std::string_view;

namespace rows = command::rows;

constexpr string_view kInfoStreamUsage[] = {"info stream STREAM [FULL [COUNT N]]",
                                            "info stream STREAM [--full] [--count N]"};
constexpr Option kInfoStreamOptions[] = {
    {"--full", flag(), "entries, groups, consumers and what they hold", "FULL"},
    {"--count", number("N"), "at most N of each, and --full; 10 if not given, 0 is all", "COUNT"},
};
constexpr Example kInfoStreamExamples[] = {{"weir info stream emails", "length, last ID, groups"}};
constexpr string_view kInfoGroupsUsage[] = {"info groups STREAM"};
constexpr Example kInfoGroupsExamples[] = {{"weir info groups emails", "what each group holds and still waits for"}};
constexpr string_view kInfoConsumersUsage[] = {"info consumers STREAM GROUP"};
constexpr Example kInfoConsumersExamples[] = {
    {"weir info consumers emails senders", "who reads, and how idle they are"}};
constexpr string_view kInfoHelpUsage[] = {"info help"};

constexpr string_view kLsUsage[] = {"ls [STREAM|GLOB ...] [-l] [--sort BY] [--stuck]"};
constexpr Choice kOrders[] = {choice("name", ListOrder::name),       choice("length", ListOrder::length),
                              choice("age", ListOrder::age),         choice("waiting", ListOrder::waiting),
                              choice("pending", ListOrder::pending), choice("size", ListOrder::size)};
constexpr Option kLsOptions[] = {
    {"--sort", one_of("BY", kOrders, "name"), "{}: the most first; age is that of the last message"},
    {"--stuck", flag(), "only streams where something waits and nothing moves, and why; see above"},
    {"--stuck-after", time("TIME"), "--stuck, for at least so long; 10m if not given"},
    {"--long",
     flag(),
     "with the size of each stream, and the group that is furthest behind; as JSON lines, all figures",
     {},
     'l'}};
constexpr string_view kLsColumns =
    "stream,length,last-generated-id,groups,lag,pending,released,next-due-in,oldest-pending,behind,paused,delayed,"
    "next-delayed-in,stuck,size";
constexpr Example kLsExamples[] = {{"weir ls", "what is queued; in a pipe, the names of all streams"},
                                   {"weir ls 'mail*' -l", "some streams, with their size"},
                                   {"weir ls --stuck", "where nobody works, and why"}};
constexpr string_view kDelUsage[] = {"del STREAM [STREAM ...]"};
constexpr Option kDelOptions[] = {kDryRun};
constexpr Example kDelExamples[] = {{"weir del emails", "the stream, its groups and what they held"}};
constexpr string_view kExistsUsage[] = {"exists STREAM [STREAM ...]"};
constexpr Example kExistsExamples[] = {{"weir exists emails && echo yes", "test for a stream"}};
constexpr string_view kRenameUsage[] = {"rename STREAM NEW-NAME"};
constexpr Example kRenameExamples[] = {{"weir rename emails letters", "an older stream of that name is replaced"}};
constexpr string_view kFlushallUsage[] = {"flushall [--force]"};
constexpr Option kFlushallOptions[] = {{"--force", flag(), "do not ask"},
                                       {"--dry-run", flag(), "delete nothing, and list the streams that it would be"}};
constexpr Example kFlushallExamples[] = {{"weir flushall --force", "delete every stream"}};

constexpr string_view kCopyUsage[] = {"copy FROM TO [STREAM ...] [--append | --replace] [--dry-run]",
                                      "copy FROM TO [STREAM|GLOB ...] --follow [--group GROUP] [--new-ids]"};
constexpr Option kCopyOptions[] = {
    {"--append", flag(), "put the entries after those that a stream of that name has"},
    {"--replace", flag(), "delete a stream of that name first"},
    {"--dry-run", flag(), "only say what would be done"},
    {"--follow", flag(), "go on as messages come, until it is stopped; see below"},
    {"--group", text("GROUP", Named::nothing), "--follow: the group that is given the entries, weir-copy if not given"},
    {"--new-ids", flag(), "--follow: entries get IDs of TO, so that several can add to one stream"},
};
constexpr Example kCopyExamples[] = {
    {"weir copy weir.db redis://host", "move to a server: stop who uses the file, copy, go on there"},
    {"weir copy unix:///run/redis.sock weir.db emails", "one stream, back into a file"},
    {"weir copy weir.db redis://host 'log*' --follow --new-ids", "drain what this machine writes into a server"}};

constexpr string_view kBackupUsage[] = {"backup FILE|-"};
constexpr Example kBackupExamples[] = {{"weir backup yesterday.db", "while everything runs"},
                                       {"weir backup - | gzip > yesterday.db.gz", "into a pipe: ssh, gzip, age"}};
constexpr string_view kCompactUsage[] = {"compact [--at-once] [--dry-run]"};
constexpr Option kCompactOptions[] = {
    {"--at-once", flag(), "write anew all that lives, while others wait: half-empty pages go, too"},
    {"--dry-run", flag(), "change nothing, and say what is free and how it would be given back"}};
constexpr Example kCompactExamples[] = {{"weir compact", "after much was trimmed or deleted, while everything runs"}};
constexpr string_view kVerifyUsage[] = {"verify [--repair]"};
constexpr Option kVerifyOptions[] = {{"--repair", flag(), "mend what can be mended, without losing a message"}};
constexpr Example kVerifyExamples[] = {{"weir verify && echo sound", "is the file in order?"},
                                       {"weir verify --repair", "and if not, put it in order"}};

constexpr string_view kDoctorUsage[] = {"doctor"};
constexpr Example kDoctorExamples[] = {{"weir doctor", "is this a good place for the database?"},
                                       {"weir doctor | grep -v '^ok'", "only what is to be done"}};

constexpr string_view kServeUsage[] = {"serve [--listen unix:PATH|HOST:PORT ...] [--password-file FILE]"};
constexpr Option kServeOptions[] = {
    {"--listen", text_several("PLACE"),
     "unix:PATH, 127.0.0.1:PORT or [::1]:PORT; may be repeated; a socket beside the database if not given"},
    {"--max-clients", number("N", 1, 1'000'000), "no more than N clients at a time; 10000 if not given"},
    {"--max-value", number("BYTES", 1024, 512LL * 1024 * 1024), "no word of a command is longer; 512 MB if not given"},
    {"--max-buffers", number("BYTES", 1024 * 1024, INT64_MAX),
     "of what all clients have sent and have to take; beyond it the one with most is dropped; 1 GB if not given"},
};
constexpr Example kServeExamples[] = {
    {"weir serve", "on a socket beside the database: FILE-serve.sock"},
    {"weir serve --listen 127.0.0.1:6379", "where Redis's clients look for a server"}};

constexpr string_view kBatchUsage[] = {"batch [--atomic]  < commands"};
constexpr Option kBatchOptions[] = {
    {"--atomic", flag(), "all commands are one transaction: the first error undoes all"}};
constexpr Example kBatchExamples[] = {
    {"printf '%s\\n' '[\"XADD\",\"s\",\"*\",\"k\",\"v\"]' 'XLEN s' | weir batch", "two commands, two answers"}};
constexpr string_view kCompletionUsage[] = {"completion bash|zsh|fish"};
constexpr Example kCompletionExamples[] = {{"source <(weir completion bash)", "for this shell; in ~/.bashrc, for all"}};
constexpr string_view kHelpUsage[] = {"help [COMMAND]"};
constexpr Example kHelpExamples[] = {{"weir help xadd", "how to append"}};

constexpr string_view kUnlinkUsage[] = {"unlink STREAM [STREAM ...]"};
constexpr string_view kTouchUsage[] = {"touch STREAM [STREAM ...]"};
constexpr string_view kTypeUsage[] = {"type STREAM"};
constexpr string_view kKeysUsage[] = {"keys GLOB"};
constexpr string_view kFlushdbUsage[] = {"flushdb [--force]"};
constexpr string_view kPingUsage[] = {"ping [MESSAGE]"};
constexpr string_view kEchoUsage[] = {"echo MESSAGE"};
constexpr string_view kMultiUsage[] = {"multi"};
constexpr string_view kExecUsage[] = {"exec"};
constexpr string_view kDiscardUsage[] = {"discard"};

constexpr Place kStreamAndName[] = {{Named::stream}, {}};
constexpr Place kCopyPlaces[] = {{Named::database}, {Named::database}, {Named::stream, true}};
constexpr Place kHelpPlaces[] = {{Named::command}, {Named::command}};
constexpr Place kText[] = {{Named::text}};

constexpr Command kRows[] = {
    {.name = "info stream",
     .redis = &rows::xinfo_stream,
     .section = Section::looking,
     .summary = "figures of a stream",
     .usage = kInfoStreamUsage,
     .options = kInfoStreamOptions,
     .places = kStream,
     .run = run_request,
     .examples = kInfoStreamExamples},
    {.name = "info groups",
     .redis = &rows::xinfo_groups,
     .section = Section::looking,
     .summary = "the groups of a stream",
     .usage = kInfoGroupsUsage,
     .places = kStream,
     .run = run_request,
     .nothing = "no groups",
     .examples = kInfoGroupsExamples,
     .notes = "A lag that is null is not known."},
    {.name = "info consumers",
     .redis = &rows::xinfo_consumers,
     .section = Section::looking,
     .summary = "the consumers of a group",
     .usage = kInfoConsumersUsage,
     .places = kStreamGroup,
     .run = run_request,
     .nothing = "no consumers",
     .examples = kInfoConsumersExamples},
    {.name = "info help",
     .redis = &rows::xinfo_help,
     .section = Section::looking,
     .summary = "Redis's help on XINFO",
     .usage = kInfoHelpUsage,
     .run = run_request,
     .listed = false},
    {.name = "ls",
     .section = Section::looking,
     .effect = Effect::looks,
     .summary = "what is queued: the streams, who is behind, what is stuck",
     .usage = kLsUsage,
     .options = kLsOptions,
     .places = kStreams,
     .run = run_list,
     .nothing = "no streams",
     .columns = kLsColumns,
     .all_columns = kLsColumns,
     .examples = kLsExamples,
     .notes =
         "LAST is the age of the last message. WAITING is what the groups have not been given yet, all groups "
         "together: ? if none knows its lag, 3+ if not all do, - if there is no group. PENDING is what was delivered "
         "and is not acknowledged, HELD how long ago the oldest of it was delivered, RETRY how much of it waits for "
         "its next delivery, DUE when the first of that may be delivered. DELAYED is what is to be appended later, "
         "NEXT when the first of it is. PAUSED is how many groups are paused, BEHIND the group that has the oldest "
         "message still to be given or acknowledged. The size is estimated from some of the entries; a server is asked"
         " for its MEMORY USAGE. A stream is stuck if one of its groups is paused and has something to be given; or "
         "has had something to be given for 10 minutes, and no consumer has asked for as long, or it has none now; or "
         "if a consumer has held something for 10 minutes without renewing its claim. If several groups are stuck, one"
         " that is not paused is named, and the others are counted. A stream without groups is never stuck. Of several"
         " names or globs those that match nothing are reported, and what the others match is listed. Exit status 1: "
         "there is no stream; 3: one of several names or globs matches none."},
    {.name = "del",
     .redis = &rows::del,
     .section = Section::whole,
     .summary = "delete streams",
     .usage = kDelUsage,
     .options = kDelOptions,
     .places = kStreams,
     .run = run_del,
     .examples = kDelExamples,
     .notes = "Prints how many there were. 0 is an answer: the exit status is 0."},
    {.name = "exists",
     .redis = &rows::exists,
     .section = Section::whole,
     .summary = "test whether streams exist",
     .usage = kExistsUsage,
     .places = kStreams,
     .run = run_request,
     .zero_is_nothing = true,
     .examples = kExistsExamples,
     .notes = "Prints how many do. Exit status 1: none does."},
    {.name = "rename",
     .redis = &rows::rename,
     .section = Section::whole,
     .summary = "rename a stream",
     .usage = kRenameUsage,
     .places = kStreamAndName,
     .run = run_request,
     .examples = kRenameExamples},
    {.name = "flushall",
     .redis = &rows::flushall,
     .section = Section::whole,
     .summary = "delete every stream",
     .usage = kFlushallUsage,
     .options = kFlushallOptions,
     .run = run_flush,
     .examples = kFlushallExamples,
     .notes =
         "On a server it deletes every key of the database, those of other programs too. Asks first on a terminal; "
         "elsewhere "
         "it needs --force. Exit status 1: the answer was not y, nothing was deleted."},
    {.name = "serve",
     .section = Section::tools,
     .effect = Effect::writes,
     .summary = "serve the file to any Redis client, in any language",
     .usage = kServeUsage,
     .options = kServeOptions,
     .run = run_serve,
     .prints_text = true,
     .examples = kServeExamples,
     .notes =
         "Commands of weir use the file meanwhile. What is answered is on the disk; what many clients write at a time "
         "shares a commit. Other machines can reach it only where --password-file names a file with a password, which "
         "clients then have to say. SIGTERM ends it once what runs is answered."},
    {.name = "batch",
     .section = Section::tools,
     .effect = Effect::writes,
     .summary = "many commands in one process",
     .usage = kBatchUsage,
     .options = kBatchOptions,
     .run = run_batch,
     .prints_json = true,
     .examples = kBatchExamples,
     .notes = "A line is a JSON array of strings, or words with the quoting of redis-cli. MULTI, EXEC and DISCARD work "
              "as in "
              "Redis. The exit status is that of the first command that failed."},
    {.name = "copy",
     .section = Section::tools,
     .effect = Effect::writes,
     .summary = "streams from one store to another, groups and all",
     .usage = kCopyUsage,
     .options = kCopyOptions,
     .places = kCopyPlaces,
     .run = run_copy,
     .prints_json = true,
     .examples = kCopyExamples,
     .notes =
         "FROM and TO are each a file or the URL of a server; without a STREAM all are copied. Entries keep their IDs; "
         "groups, their positions, consumers and what is pending go along. A copy that was stopped goes on where it "
         "was. "
         "Prints a line of JSON for each stream. "
         "With --follow entries go on being copied as they come, by themselves: each once, whoever is killed. "
         "Exit status: 1 nothing to copy, 3 a stream was refused, one of "
         "several is not there, or the two sides differ."},
    {.name = "backup",
     .section = Section::tools,
     .effect = Effect::looks,
     .summary = "a copy of a file, while everything runs",
     .usage = kBackupUsage,
     .places = kText,
     .run = run_backup,
     .examples = kBackupExamples,
     .notes = "FILE is there whole or not at all: it is the database as it was at one moment, synced and verified. An "
              "older backup of that name is replaced; what is left of one that was killed is FILE.partial. Nobody who "
              "uses the database waits for it."},
    {.name = "verify",
     .section = Section::tools,
     .effect = Effect::writes,
     .summary = "whether a file is in order",
     .usage = kVerifyUsage,
     .options = kVerifyOptions,
     .run = run_verify,
     .prints_json = true,
     .examples = kVerifyExamples,
     .notes = "A line of JSON for each thing that does not fit, of those that are alike the first twenty, and one that "
              "says what was read. Reads the whole file, as it is at one moment; a repair is one transaction. Exit "
              "status: 5 something is wrong, or was and could not be mended."},
    {.name = "doctor",
     .section = Section::tools,
     .effect = Effect::looks,
     .summary = "whether all around the database is as it should be, and what to do",
     .usage = kDoctorUsage,
     .run = run_doctor,
     .columns = "state,check,found,do",
     .examples = kDoctorExamples,
     .notes = "A line for each thing: ok, warn or bad, what was found, and what to do. Changes nothing. Exit status: 5 "
              "something is bad."},
    {.name = "compact",
     .section = Section::tools,
     .effect = Effect::writes,
     .summary = "give back the space that messages have left",
     .usage = kCompactUsage,
     .options = kCompactOptions,
     .run = run_compact,
     .prints_json = true,
     .examples = kCompactExamples,
     .notes = "The file shrinks, and what is left of messages that were deleted before is overwritten. Others go on "
              "meanwhile: unless it is --at-once, nobody waits for longer than a moment. Prints a line of JSON: bytes "
              "before and after, and the longest time, in milliseconds, for which nobody else could write. Exit "
              "status: 3 it can only be done --at-once; 5 not done, or not to the end."},
    {.name = "completion",
     .section = Section::tools,
     .summary = "the completion script of a shell",
     .usage = kCompletionUsage,
     .places = kText,
     .run = run_completion,
     .prints_text = true,
     .examples = kCompletionExamples,
     .notes = "Packages install these scripts where the shells look for them; this is for a weir that was not "
              "installed."},
    {.name = "help",
     .section = Section::tools,
     .summary = "how a command is used",
     .usage = kHelpUsage,
     .places = kHelpPlaces,
     .examples = kHelpExamples},
    {.name = "unlink",
     .redis = &rows::unlink,
     .section = Section::tools,
     .summary = "as del",
     .usage = kUnlinkUsage,
     .options = kDelOptions,
     .places = kStreams,
     .run = run_del,
     .listed = false},
    {.name = "touch",
     .redis = &rows::touch,
     .section = Section::tools,
     .summary = "as exists",
     .usage = kTouchUsage,
     .places = kStreams,
     .run = run_request,
     .zero_is_nothing = true,
     .listed = false},
    {.name = "type",
     .redis = &rows::type,
     .section = Section::tools,
     .summary = "stream or none",
     .usage = kTypeUsage,
     .places = kStream,
     .run = run_request,
     .listed = false},
    {.name = "keys",
     .redis = &rows::keys,
     .section = Section::tools,
     .summary = "the streams that match",
     .usage = kKeysUsage,
     .places = kStream,
     .run = run_request,
     .listed = false},
    {.name = "flushdb",
     .redis = &rows::flushdb,
     .section = Section::tools,
     .summary = "as flushall",
     .usage = kFlushdbUsage,
     .options = kFlushallOptions,
     .run = run_flush,
     .listed = false},
    {.name = "ping",
     .redis = &rows::ping,
     .section = Section::tools,
     .summary = "PONG",
     .usage = kPingUsage,
     .places = kText,
     .run = run_request,
     .listed = false},
    {.name = "echo",
     .redis = &rows::echo,
     .section = Section::tools,
     .summary = "the message",
     .usage = kEchoUsage,
     .places = kText,
     .run = run_request,
     .listed = false},
    {.name = "multi",
     .redis = &rows::multi,
     .section = Section::tools,
     .summary = "start a transaction",
     .usage = kMultiUsage,
     .run = run_request,
     .listed = false},
    {.name = "exec",
     .redis = &rows::exec,
     .section = Section::tools,
     .summary = "run it",
     .usage = kExecUsage,
     .run = run_request,
     .listed = false},
    {.name = "discard",
     .redis = &rows::discard,
     .section = Section::tools,
     .summary = "forget it",
     .usage = kDiscardUsage,
     .run = run_request,
     .listed = false},
};

}  // namespace

std::span<const Command> other_rows() {
  return kRows;
}

}  // namespace weir::cli
