// Rows: looking, whole streams, tools, and what only batch knows.
#include "cli/command_rows.h"

namespace weir::cli {

namespace {

using std::string_view;

constexpr string_view kInfoStreamUsage[] = {"info stream STREAM [FULL [COUNT N]]",
                                            "info stream STREAM [--full] [--count N]"};
constexpr Option kInfoStreamOptions[] = {
    {"--full", "", "entries, groups, consumers and what they hold", "FULL"},
    {"--count", "N", "at most N of each, and --full; 10 if not given, 0 is all", "COUNT"},
};
constexpr Example kInfoStreamExamples[] = {{"weir info stream emails", "length, last ID, groups"}};
constexpr string_view kInfoGroupsUsage[] = {"info groups STREAM"};
constexpr Example kInfoGroupsExamples[] = {{"weir info groups emails", "what each group holds and still waits for"}};
constexpr string_view kInfoConsumersUsage[] = {"info consumers STREAM GROUP"};
constexpr Example kInfoConsumersExamples[] = {
    {"weir info consumers emails senders", "who reads, and how idle they are"}};
constexpr string_view kInfoHelpUsage[] = {"info help"};

constexpr string_view kLsUsage[] = {"ls [GLOB] [-l]"};
constexpr Option kLsOptions[] = {{"--long", "", "with the size of each stream; as JSON lines, all figures", {}, 'l'}};
constexpr Example kLsExamples[] = {{"weir ls", "what is queued; in a pipe, the names of all streams"},
                                   {"weir ls 'mail*' -l", "some streams, with their size"}};
constexpr string_view kDelUsage[] = {"del STREAM [STREAM ...]"};
constexpr Example kDelExamples[] = {{"weir del emails", "the stream, its groups and what they held"}};
constexpr string_view kExistsUsage[] = {"exists STREAM [STREAM ...]"};
constexpr Example kExistsExamples[] = {{"weir exists emails && echo yes", "test for a stream"}};
constexpr string_view kRenameUsage[] = {"rename STREAM NEW-NAME"};
constexpr Example kRenameExamples[] = {{"weir rename emails letters", "an older stream of that name is replaced"}};
constexpr string_view kFlushallUsage[] = {"flushall [--force]"};
constexpr Option kFlushallOptions[] = {{"--force", "", "do not ask"}};
constexpr Example kFlushallExamples[] = {{"weir flushall --force", "delete every stream"}};

constexpr string_view kCopyUsage[] = {"copy FROM TO [STREAM ...] [--append | --replace] [--dry-run]"};
constexpr Option kCopyOptions[] = {
    {"--append", "", "put the entries after those that a stream of that name has"},
    {"--replace", "", "delete a stream of that name first"},
    {"--dry-run", "", "only say what would be done"},
};
constexpr Example kCopyExamples[] = {
    {"weir copy weir.db redis://host", "move to a server: stop who uses the file, copy, go on there"},
    {"weir copy unix:///run/redis.sock weir.db emails", "one stream, back into a file"}};

constexpr string_view kBatchUsage[] = {"batch [--atomic]  < commands"};
constexpr Option kBatchOptions[] = {{"--atomic", "", "all commands are one transaction: the first error undoes all"}};
constexpr Example kBatchExamples[] = {
    {"printf '%s\\n' '[\"XADD\",\"s\",\"*\",\"k\",\"v\"]' 'XLEN s' | weir batch", "two commands, two answers"}};
constexpr string_view kHelpUsage[] = {"help [COMMAND]"};
constexpr Example kHelpExamples[] = {{"weir help xadd", "how to append"}};

constexpr string_view kTypeUsage[] = {"type STREAM"};
constexpr string_view kKeysUsage[] = {"keys GLOB"};
constexpr string_view kFlushdbUsage[] = {"flushdb [--force]"};
constexpr string_view kPingUsage[] = {"ping [MESSAGE]"};
constexpr string_view kEchoUsage[] = {"echo MESSAGE"};
constexpr string_view kMultiUsage[] = {"multi"};
constexpr string_view kExecUsage[] = {"exec"};
constexpr string_view kDiscardUsage[] = {"discard"};

constexpr Command kRows[] = {
    {"info stream", "xinfo|stream", Section::looking, Effect::looks, -3, parse_xinfo_stream, "figures of a stream",
     kInfoStreamUsage, kInfoStreamOptions, kInfoStreamExamples, ""},
    {"info groups",
     "xinfo|groups",
     Section::looking,
     Effect::looks,
     3,
     parse_xinfo_groups,
     "the groups of a stream",
     kInfoGroupsUsage,
     {},
     kInfoGroupsExamples,
     "A lag that is null is not known."},
    {"info consumers",
     "xinfo|consumers",
     Section::looking,
     Effect::looks,
     4,
     parse_xinfo_consumers,
     "the consumers of a group",
     kInfoConsumersUsage,
     {},
     kInfoConsumersExamples,
     ""},
    {"info help",
     "xinfo|help",
     Section::looking,
     Effect::none,
     2,
     parse_xinfo_help,
     "Redis's help on XINFO",
     kInfoHelpUsage,
     {},
     {},
     ""},
    {"ls", "", Section::looking, Effect::looks, 0, nullptr, "what is queued: the streams, who is behind, what is stuck",
     kLsUsage, kLsOptions, kLsExamples,
     "LAST is the age of the last message. WAITING is what the groups have not been given yet, all groups together: ? "
     "if none knows its lag, 3+ if not all do, - if there is no group. PENDING is what was delivered and is not "
     "acknowledged, HELD how long ago the oldest of it was delivered. The size is estimated from some of the entries; "
     "a server is asked for its MEMORY USAGE. "
     "Exit status 1: there is no stream."},
    {"del",
     "del",
     Section::whole,
     Effect::writes,
     -2,
     parse_del,
     "delete streams",
     kDelUsage,
     {},
     kDelExamples,
     "Prints how many there were. 0 is an answer: the exit status is 0."},
    {"exists",
     "exists",
     Section::whole,
     Effect::looks,
     -2,
     parse_exists,
     "test whether streams exist",
     kExistsUsage,
     {},
     kExistsExamples,
     "Prints how many do. Exit status 1: none does."},
    {"rename",
     "rename",
     Section::whole,
     Effect::writes,
     3,
     parse_rename,
     "rename a stream",
     kRenameUsage,
     {},
     kRenameExamples,
     ""},
    {"flushall", "flushall", Section::whole, Effect::writes, -1, parse_flushall, "delete every stream", kFlushallUsage,
     kFlushallOptions, kFlushallExamples,
     "On a server it deletes every key of the database, those of other programs too. Asks first on a terminal; "
     "elsewhere "
     "it needs --force. Exit status 1: the answer was not y, nothing was deleted."},
    {"batch", "", Section::tools, Effect::writes, 0, nullptr, "many commands in one process", kBatchUsage,
     kBatchOptions, kBatchExamples,
     "A line is a JSON array of strings, or words with the quoting of redis-cli. MULTI, EXEC and DISCARD work as in "
     "Redis. The exit status is that of the first command that failed."},
    {"copy", "", Section::tools, Effect::writes, 0, nullptr, "streams from one store to another, groups and all",
     kCopyUsage, kCopyOptions, kCopyExamples,
     "FROM and TO are each a file or the URL of a server; without a STREAM all are copied. Entries keep their IDs; "
     "groups, their positions, consumers and what is pending go along. A copy that was stopped goes on where it was. "
     "Prints a line of JSON for each stream. Exit status: 1 nothing to copy, 3 a stream was refused, one of "
     "several is not there, or the two sides differ."},
    {"help", "", Section::tools, Effect::none, 0, nullptr, "how a command is used", kHelpUsage, {}, kHelpExamples, ""},
    {"type", "type", Section::tools, Effect::looks, 2, parse_type, "stream or none", kTypeUsage, {}, {}, "", true},
    {"keys",
     "keys",
     Section::tools,
     Effect::looks,
     2,
     parse_keys,
     "the streams that match",
     kKeysUsage,
     {},
     {},
     "",
     true},
    {"flushdb",
     "flushdb",
     Section::tools,
     Effect::writes,
     -1,
     parse_flushall,
     "as flushall",
     kFlushdbUsage,
     kFlushallOptions,
     {},
     "",
     true},
    {"ping", "ping", Section::tools, Effect::none, -1, parse_ping, "PONG", kPingUsage, {}, {}, "", true},
    {"echo", "echo", Section::tools, Effect::none, 2, parse_echo, "the message", kEchoUsage, {}, {}, "", true},
    {"multi",
     "multi",
     Section::tools,
     Effect::none,
     1,
     parse_multi,
     "start a transaction",
     kMultiUsage,
     {},
     {},
     "",
     true},
    {"exec", "exec", Section::tools, Effect::none, 1, parse_exec, "run it", kExecUsage, {}, {}, "", true},
    {"discard",
     "discard",
     Section::tools,
     Effect::none,
     1,
     parse_discard,
     "forget it",
     kDiscardUsage,
     {},
     {},
     "",
     true},
};

}  // namespace

std::span<const Command> other_rows() {
  return kRows;
}

}  // namespace weir::cli
