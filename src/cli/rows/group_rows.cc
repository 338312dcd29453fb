// Rows: consumer groups.
#include "cli/arguments/fill.h"
#include "cli/command_table/command_rows.h"
#include "cli/run/session.h"

namespace weir::cli {

namespace {

using std::string_view;

namespace rows = command::rows;

constexpr string_view kXreadgroupUsage[] = {
    "xreadgroup GROUP GROUP CONSUMER [COUNT N] [MAXCOUNT N] [MAXSIZE BYTES] [BLOCK MS] [CLAIM MS] [NOACK] "
    "STREAMS STREAM [STREAM ...] ID|> [ID ...]",
    "xreadgroup STREAM... --group G [--consumer C] [--create] [--follow] [--count N] [--maxcount N] [--maxsize BYTES] "
    "[--block TIME] [--claim TIME]",
};
constexpr Option kXreadgroupOptions[] = {
    {"--group", text("G", Named::group), "the group to read for", {}, 'g'},
    {"--consumer", text("C", Named::consumer), "who reads; else $WEIR_CONSUMER, else the name of the host", {}, 'c'},
    {"--count", number("N"), "at most N messages of each stream", "COUNT"},
    {"--maxcount", number("N"), "at most N messages of all streams together; not below --count", "MAXCOUNT"},
    {"--maxsize", number("BYTES"),
     "at most so many bytes of names and values of all streams together; the first message comes however long it is",
     "MAXSIZE"},
    {"--block", time("TIME"), "wait so long for messages: 5000, 5s; 0 waits for ever", "BLOCK"},
    {"--claim", time("TIME"),
     "first what is pending: what nobody holds, and what somebody has held for so long: 60000, 10m", "CLAIM"},
    {"--noack", flag(), "take messages as acknowledged when they are delivered", "NOACK"},
    {"--create", flag(), "first make what is missing, stream and group; the group starts at 0, the oldest message"},
    {"--follow", flag(), "go on reading: never ends, unless --block is given and passes", {}, 'f'},
    {"--after", id("ID"), "not new messages, but those after ID that this consumer still holds"},
};
constexpr Example kXreadgroupExamples[] = {
    {"weir xreadgroup emails --group senders --create --count 10", "take up to ten new messages"},
    {"weir xreadgroup emails -g senders --claim 10m --block 0", "also what a dead worker left ten minutes ago"},
    {"weir xreadgroup GROUP senders worker-1 BLOCK 5000 STREAMS emails '>'", "Redis's own grammar"},
};

constexpr string_view kCreateUsage[] = {"group create STREAM GROUP ID|$ [MKSTREAM] [ENTRIESREAD N]",
                                        "group create STREAM GROUP ID|$ [--mkstream] [--if-absent]"};
constexpr Option kCreateOptions[] = {
    {"--mkstream", flag(), "make the stream if it is not there", "MKSTREAM"},
    {"--entriesread", number("N"), "how many entries the group has been given", "ENTRIESREAD"},
    {"--if-absent", flag(), "a group that exists is no error, and stays as it is"},
};
constexpr Example kCreateExamples[] = {
    {"weir group create emails senders '$' --mkstream --if-absent", "deliver what comes from now on"},
    {"weir xgroup create emails archive 0", "deliver from the first entry on"},
};
constexpr string_view kSetidUsage[] = {"group setid STREAM GROUP ID|$ [ENTRIESREAD N]"};
constexpr Option kSetidOptions[] = {
    {"--entriesread", number("N"), "how many entries the group has been given", "ENTRIESREAD"}};
constexpr Example kSetidExamples[] = {{"weir group setid emails senders 0", "deliver everything once more"}};
constexpr string_view kDestroyUsage[] = {"group destroy STREAM GROUP"};
constexpr Example kDestroyExamples[] = {{"weir group destroy emails archive", "and what it held pending"}};
constexpr string_view kCreateconsumerUsage[] = {"group createconsumer STREAM GROUP CONSUMER"};
constexpr Example kCreateconsumerExamples[] = {
    {"weir group createconsumer emails senders worker-1", "1: made; 0: was there"}};
constexpr string_view kDelconsumerUsage[] = {"group delconsumer STREAM GROUP CONSUMER"};
constexpr Example kDelconsumerExamples[] = {
    {"weir group delconsumer emails senders worker-1", "prints how many messages it held"}};
constexpr string_view kGroupHelpUsage[] = {"group help"};

constexpr string_view kAckUsage[] = {"ack STREAM GROUP ID [ID ...]",
                                     "ack STREAM GROUP [--consumer C]  < IDs or JSON lines"};
constexpr Option kAckOptions[] = {
    {"--consumer", text("C", Named::consumer), "only what consumer C still holds", {}, 'c'}};
constexpr Example kAckExamples[] = {
    {"weir ack emails senders 1526919030474-55", "this one is done"},
    {"weir xreadgroup emails --group senders | weir ack emails senders", "take messages and acknowledge them"},
};

constexpr string_view kAckdelUsage[] = {"xackdel STREAM GROUP [KEEPREF|DELREF|ACKED] IDS N ID [ID ...]",
                                        "xackdel STREAM GROUP ID [ID ...] [--acked|--delref]"};
constexpr Option kAckdelOptions[] = {
    {"--acked", flag(), "delete it only if the other groups have been given it and acknowledged it", "ACKED"},
    {"--delref", flag(), "it is no longer pending in any group", "DELREF"},
    {"--keepref", flag(), "it stays pending in other groups, as without this option", "KEEPREF"},
    {"--dry-run", flag(), "remove and acknowledge nothing, and say what would become of each"},
};
constexpr Example kAckdelExamples[] = {
    {"weir xackdel emails senders 1526919030474-55", "this one is done, and nobody needs it any more"}};

constexpr string_view kPendingUsage[] = {"pending STREAM GROUP [[IDLE MS] START END COUNT [CONSUMER]]",
                                         "pending STREAM GROUP [--idle TIME] [--count N] [--consumer C]"};
constexpr Option kPendingOptions[] = {
    {"--idle", time("TIME"), "only what nobody has touched for so long", "IDLE"},
    {"--count", number("N"), "at most N messages", "COUNT"},
    {"--consumer", text("C", Named::consumer), "only what consumer C holds", "CONSUMER", 'c'},
    kSince,
    kUntil,
    kNewest,
    kFieldIs,
};
constexpr Example kPendingExamples[] = {
    {"weir pending emails senders", "how many are pending, and who holds them"},
    {"weir pending emails senders --idle 10m", "what has been held for ten minutes"},
    {"weir pending emails senders --where to=bob", "what of bob's is not done yet"},
};

constexpr string_view kNackUsage[] = {
    "nack STREAM GROUP SILENT|FAIL|FATAL IDS N ID [ID ...] [RETRYCOUNT N] [FORCE]",
    "nack STREAM GROUP ID [ID ...] [--in TIME]",
};
constexpr Option kNackOptions[] = {
    {"--in", time("TIME"), "nobody is given them before this time has passed"},
    {"--retrycount", number("N"), "set the number of deliveries", "RETRYCOUNT"},
    {"--force", flag(), "give it back even if it is not pending", "FORCE"},
};
constexpr Example kNackExamples[] = {
    {"weir nack emails senders 1526919030474-55 --in 5m",
     "this one failed: somebody is to try it again in five minutes"},
    {"weir xnack emails senders SILENT IDS 1 1526919030474-55", "it was not begun: the delivery does not count"},
};

constexpr string_view kClaimUsage[] = {
    "claim STREAM GROUP CONSUMER MIN-IDLE ID [ID ...] [IDLE MS] [TIME UNIX-MS] [RETRYCOUNT N] [FORCE] [JUSTID] [LASTID "
    "ID]"};
constexpr Option kClaimOptions[] = {
    {"--idle", time("TIME"), "say that it was delivered so long ago", "IDLE"},
    {"--time", number("UNIX-MS"), "say that it was delivered then", "TIME"},
    {"--retrycount", number("N"), "set the number of deliveries", "RETRYCOUNT"},
    {"--force", flag(), "claim it even if it is not pending", "FORCE"},
    {"--justid", flag(), "print IDs only, and do not count a delivery", "JUSTID"},
    {"--lastid", id("ID"), "raise the group's last delivered ID", "LASTID"},
};
constexpr Example kClaimExamples[] = {
    {"weir claim emails senders worker-2 10m 1526919030474-55", "take over one message"}};

constexpr string_view kAutoclaimUsage[] = {"autoclaim STREAM GROUP CONSUMER MIN-IDLE START [COUNT N] [JUSTID]",
                                           "autoclaim STREAM GROUP CONSUMER MIN-IDLE [--count N] [--justid]"};
constexpr Option kAutoclaimOptions[] = {
    {"--count", number("N"), "at most N messages; with START, a step of the walk", "COUNT"},
    {"--justid", flag(), "print IDs only, and do not count a delivery", "JUSTID"},
};
constexpr Example kAutoclaimExamples[] = {
    {"weir autoclaim emails senders worker-2 10m", "take over all that was left for ten minutes"},
    {"weir autoclaim emails senders worker-2 600000 0-0 COUNT 25", "Redis's own grammar: one step"},
};

constexpr Place kClaimPlaces[] = {{Named::stream}, {Named::group}, {Named::consumer}, {}, {Named::id, true}};
constexpr Place kAutoclaimPlaces[] = {{Named::stream}, {Named::group}, {Named::consumer}, {}, {Named::id}};

constexpr Command kRows[] = {
    {.name = "xreadgroup",
     .redis = &rows::xreadgroup,
     .section = Section::groups,
     .summary = "take messages as a member of a group",
     .usage = kXreadgroupUsage,
     .options = kXreadgroupOptions,
     .places = kStreams,
     .data = Data::at_keyword,
     .run = run_group_read,
     .in_redis_words = reads_in_redis_words,
     .fill = fill_group_read,
     .nothing = "no messages",
     .leaves_pending = true,
     .examples = kXreadgroupExamples,
     .notes = "A message that was taken stays pending until it is acknowledged with ack. Exit status 1: there was "
              "nothing to "
              "read before the time-out."},
    {.name = "ack",
     .redis = &rows::xack,
     .section = Section::groups,
     .summary = "acknowledge messages: they are done",
     .usage = kAckUsage,
     .options = kAckOptions,
     .places = kStreamGroupIds,
     .run = run_ack,
     .fill = fill_ack,
     .examples = kAckExamples,
     .notes = "Prints how many were pending. 0 is an answer: the exit status is 0. Exit status 1: no ID came."},
    {.name = "xackdel",
     .redis = &rows::xackdel,
     .section = Section::groups,
     .summary = "acknowledge messages, and delete them",
     .usage = kAckdelUsage,
     .options = kAckdelOptions,
     .places = kStreamGroupIds,
     .run = run_remove,
     .in_redis_words = removes_in_redis_words,
     .fill = fill_ackdel,
     .examples = kAckdelExamples,
     .notes =
         "Prints for each ID: 1, it was acknowledged and deleted; 2, it was acknowledged and is still there, since "
         "another group refers to it; -1, it was not pending in this group."},
    {.name = "pending",
     .redis = &rows::xpending,
     .section = Section::groups,
     .summary = "who holds which messages, for how long",
     .usage = kPendingUsage,
     .options = kPendingOptions,
     .places = kStreamGroup,
     .run = run_pending,
     .fill = fill_pending,
     .nothing = "nothing is pending",
     .columns = "id,consumer,idle,waited,due-in,deliveries,laters",
     .all_columns = "id,time,consumer,idle,waited,due-in,deliveries,laters,pending,first,last,consumers,released",
     .examples = kPendingExamples,
     .notes = "Times are those of the messages, not of their deliveries."},
    {.name = "nack",
     .redis = &rows::xnack,
     .section = Section::groups,
     .summary = "give messages back: others are to try them",
     .usage = kNackUsage,
     .options = kNackOptions,
     .places = kStreamGroupIds,
     .run = run_request,
     .in_redis_words = nacks_in_redis_words,
     .fill = fill_nack,
     .examples = kNackExamples,
     .notes =
         "Nobody holds them then, and whoever comes first is given them. Prints how many were given back. SILENT: the "
         "delivery does not count; FAIL (the default): it does; FATAL: the number of deliveries becomes "
         "the "
         "highest there is."},
    {.name = "claim",
     .redis = &rows::xclaim,
     .section = Section::groups,
     .summary = "take over messages by ID",
     .usage = kClaimUsage,
     .options = kClaimOptions,
     .places = kClaimPlaces,
     .run = run_request,
     .nothing = "nothing could be claimed",
     .leaves_pending = true,
     .examples = kClaimExamples,
     .notes = "Exit status 1: none could be claimed."},
    {.name = "autoclaim",
     .redis = &rows::xautoclaim,
     .section = Section::groups,
     .summary = "take over what others have left",
     .usage = kAutoclaimUsage,
     .options = kAutoclaimOptions,
     .places = kAutoclaimPlaces,
     .run = run_autoclaim,
     .fill = fill_autoclaim,
     .nothing = "nothing could be claimed",
     .leaves_pending = true,
     .examples = kAutoclaimExamples,
     .notes = "Without START the whole pending list is walked. Exit status 1: none could be claimed."},
    {.name = "group create",
     .redis = &rows::xgroup_create,
     .section = Section::groups,
     .summary = "make a group",
     .usage = kCreateUsage,
     .options = kCreateOptions,
     .places = kStreamGroupId,
     .run = run_request,
     .fill = fill_group_create,
     .examples = kCreateExamples},
    {.name = "group setid",
     .redis = &rows::xgroup_setid,
     .section = Section::groups,
     .summary = "move a group to another place",
     .usage = kSetidUsage,
     .options = kSetidOptions,
     .places = kStreamGroupId,
     .run = run_request,
     .examples = kSetidExamples},
    {.name = "group destroy",
     .redis = &rows::xgroup_destroy,
     .section = Section::groups,
     .summary = "remove a group",
     .usage = kDestroyUsage,
     .places = kStreamGroup,
     .run = run_request,
     .examples = kDestroyExamples,
     .notes = "Prints 1, or 0 if there was none."},
    {.name = "group createconsumer",
     .redis = &rows::xgroup_createconsumer,
     .section = Section::groups,
     .summary = "make a consumer",
     .usage = kCreateconsumerUsage,
     .places = kStreamGroupConsumer,
     .run = run_request,
     .examples = kCreateconsumerExamples,
     .notes = "Not needed before reading: a consumer is made when it first reads."},
    {.name = "group delconsumer",
     .redis = &rows::xgroup_delconsumer,
     .section = Section::groups,
     .summary = "remove a consumer, and forget what it held",
     .usage = kDelconsumerUsage,
     .places = kStreamGroupConsumer,
     .run = run_request,
     .examples = kDelconsumerExamples,
     .notes = "What the consumer held is not delivered again: take it over with claim first."},
    {.name = "group help",
     .redis = &rows::xgroup_help,
     .section = Section::groups,
     .summary = "Redis's help on XGROUP",
     .usage = kGroupHelpUsage,
     .run = run_request,
     .listed = false},
};

}  // namespace

std::span<const Command> group_rows() {
  return kRows;
}

}  // namespace weir::cli
