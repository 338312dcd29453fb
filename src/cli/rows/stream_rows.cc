// Rows: appending, reading and trimming, without groups.
#include "cli/arguments/fill.h"
#include "cli/command_table/command_rows.h"
#include "cli/run/session.h"
#include "io/json_lines.h"

namespace weir::cli {

namespace {

using std::string_view;

namespace rows = command::rows;

constexpr const char* kAckedMeaning = "remove nothing that a group has not been given and acknowledged";
constexpr const char* kKeeprefMeaning = "what is removed stays pending where it is, as without this option";
constexpr const char* kDelrefMeaning = "what is removed is no longer pending in any group";

constexpr string_view kXaddUsage[] = {
    "xadd STREAM [NOMKSTREAM] [KEEPREF|DELREF|ACKED] [IDMP PRODUCER KEY|IDMPAUTO PRODUCER] [MAXLEN|MINID [=|~] "
    "THRESHOLD [LIMIT N]] *|ID FIELD VALUE [FIELD VALUE ...]",
    "xadd [OPTION...] STREAM FIELD=VALUE ...",
    "xadd [OPTION...] [STREAM]  < JSON lines",
    "xadd [OPTION...] STREAM --lines FIELD  < text",
};
constexpr Choice kNestings[] = {choice("refuse", io::Nested::refuse), choice("string", io::Nested::as_string),
                                choice("flatten", io::Nested::flatten)};
constexpr Choice kOnError[] = {choice("stop", false), choice("skip", true)};
constexpr Option kXaddOptions[] = {
    {"--id", new_id("ID"), "the ID of the entry, instead of *", "ID"},
    {"--maxlen", length("[~]N"), "then trim the stream to N entries; with ~ a few more may stay", "MAXLEN"},
    {"--minid", lowest_id("[~]ID"), "then drop entries with lower IDs", "MINID"},
    {"--limit", number("N"), "with ~: trim at most N entries", "LIMIT"},
    {"--acked", flag(), kAckedMeaning, "ACKED"},
    {"--delref", flag(), kDelrefMeaning, "DELREF"},
    {"--keepref", flag(), kKeeprefMeaning, "KEEPREF"},
    {"--nomkstream", flag(), "add nothing if there is no such stream", "NOMKSTREAM"},
    {"--once", key("KEY"),
     "add nothing while the stream remembers KEY, and print the first ID: for 100 s and 100 keys, unless xcfgset says "
     "otherwise",
     "IDMP"},
    {"--idmpauto", text("PRODUCER"),
     "the same without a key, remembered as long: by the fields of what this producer has added, as Redis sees them (1 "
     "is \"1\")",
     "IDMPAUTO"},
    {"--unique", text("KEY"),
     "add nothing while an earlier message with KEY waits to be given to a group, or is delayed, and print its ID"},
    {"--new-only", flag(), "with --unique: then print nothing; exit status 1"},
    {"--in", time("TIME"), "append it after so long: 10m, 2h; a handle is printed, @DUE-NUMBER"},
    {"--at", moment("TIME"), "append it at a time: 2026-12-01T09:00, 09:00 (the next), @1764576000 (Unix seconds)"},
    {"--wait", text("GROUP", Named::group),
     "then wait until the group has acknowledged it; exit status 3: it has become a dead letter"},
    {"--timeout", time("TIME"), "with --wait: at most so long; exit status 1: it is not acknowledged yet"},
    {"--lines", text("FIELD"),
     "each line of standard input is text, and becomes a message with this field; CR LF ends a line, too"},
    {"--keep-ids", flag(), "use the \"id\" of each JSON line"},
    {"--nested", one_of("HOW", kNestings, "refuse"), "a value that is an object or array: {}"},
    {"--on-error", one_of("WHAT", kOnError, "stop"), "a bad line: {} it"},
    {"--atomic", flag(), "store all lines or none"},
    {"--quiet", flag(), "print no IDs", {}, 'q'},
};
constexpr Example kXaddExamples[] = {
    {"weir xadd emails to=ann@example.com subject='Hello there'", "one message; its ID is printed"},
    {"printf '%s\\n' '{\"to\":\"bob\"}' '{\"to\":\"eve\"}' | weir xadd emails", "a message for each JSON line"},
    {"journalctl -fu nginx | weir xadd log --lines text --maxlen '~100000' -q", "a message for each line of text"},
    {"weir xadd emails --once order-1021 to=ann@example.com", "run again within 100 s, still one message"},
    {"weir xadd reindex --unique ann user=ann", "once in the queue, however often it is asked for"},
    {"weir xadd reminders --at 09:00 to=ann", "appended when it is nine; see weir delayed ls"},
    {"weir xadd emails --wait mailers --timeout 30s to=ann && echo sent", "was it sent?"},
    {"weir xadd events --maxlen '~1000' '*' kind login", "Redis's own grammar, and the stream kept short"},
};

constexpr string_view kXreadUsage[] = {
    "xread [COUNT N] [MAXCOUNT N] [MAXSIZE BYTES] [BLOCK MS] STREAMS STREAM [STREAM ...] ID|$|+ [ID ...]",
    "xread STREAM... [--after ID] [--follow] [--count N] [--maxcount N] [--maxsize BYTES] [--block TIME]",
};
constexpr Option kXreadOptions[] = {
    {"--count", number("N"), "at most N entries of each stream", "COUNT"},
    {"--maxcount", number("N"), "at most N entries of all streams together; not below --count", "MAXCOUNT"},
    {"--maxsize", number("BYTES"),
     "at most so many bytes of names and values of all streams together; the first entry comes however long it is",
     "MAXSIZE"},
    {"--block", time("TIME"), "wait so long for entries: 5000, 5s; 0 waits for ever", "BLOCK"},
    {"--after", id("ID"), "read what comes after ID; $ is what is last now; 0 if not given"},
    {"--follow", flag(), "go on reading: never ends, unless --block is given and passes", {}, 'f'},
    kSince,
    kUntil,
    kNewest,
    kFieldIs,
};
constexpr Example kXreadExamples[] = {
    {"weir xread emails", "all entries, oldest first"},
    {"weir xread emails --after '$' --follow", "new entries, as they come"},
    {"weir xread emails --since 1h --where 'to~@example[.]com$'", "of the last hour, those to one domain"},
    {"weir xread COUNT 2 STREAMS emails events 0 0", "Redis's own grammar"},
};

constexpr string_view kXrangeUsage[] = {"xrange STREAM START END [COUNT N]", "xrange STREAM [START [END]] [--count N]"};
constexpr string_view kXrevrangeUsage[] = {"xrevrange STREAM END START [COUNT N]",
                                           "xrevrange STREAM [END [START]] [--count N]"};
constexpr Option kCount = {"--count", number("N"), "at most N entries", "COUNT"};
constexpr Option kXrangeOptions[] = {kCount, kSince, kUntil, kNewest, kFieldIs};
constexpr Option kXrevrangeOptions[] = {kCount, kSince, kUntil, kFieldIs};
constexpr string_view kTailUsage[] = {"tail STREAM... [-n N] [-f]"};
constexpr Option kTailOptions[] = {
    {"--last",
     number("N", 0, 1'000'000'000),
     "the last N entries of each stream; 10 if neither this nor --since is given",
     {},
     'n'},
    {"--follow", flag(), "then go on reading, until it is stopped", {}, 'f'},
    kSince,
    kUntil,
    kFieldIs,
};
constexpr Example kTailExamples[] = {{"weir tail emails", "the last ten entries"},
                                     {"weir tail emails -n 0 -f --where level=error", "from now on, what matters"}};
constexpr Example kXrangeExamples[] = {
    {"weir xrange emails", "all entries"},
    {"weir xrange emails - + --count 2", "the first two"},
    {"weir xrange emails '(1526919030474-55' +", "what comes after that ID"},
    {"weir xrange emails --since 1h --where to=bob", "what came for bob within the last hour"},
    {"weir xrange emails --last 5", "the newest five, in order"},
};
constexpr Example kXrevrangeExamples[] = {{"weir xrevrange emails --count 1", "the newest entry"}};

constexpr string_view kXlenUsage[] = {"xlen STREAM"};
constexpr Example kXlenExamples[] = {{"weir xlen emails", "how many entries it has"}};

constexpr string_view kXdelUsage[] = {"xdel STREAM ID [ID ...]", "xdel STREAM  < IDs or JSON lines"};
constexpr Option kXdelOptions[] = {kDryRun};
constexpr Example kXdelExamples[] = {
    {"weir xdel emails 1526919030474-55", "delete one entry"},
    {"weir xrange emails - 1526919030474 | weir xdel emails", "delete all up to a moment"},
};

constexpr string_view kXdelexUsage[] = {"xdelex STREAM [KEEPREF|DELREF|ACKED] IDS N ID [ID ...]",
                                        "xdelex STREAM ID [ID ...] [--acked|--delref]"};
constexpr Option kXdelexOptions[] = {
    {"--acked", flag(), kAckedMeaning, "ACKED"},
    {"--delref", flag(), kDelrefMeaning, "DELREF"},
    {"--keepref", flag(), kKeeprefMeaning, "KEEPREF"},
    {"--dry-run", flag(), "remove nothing, and say what would become of each"},
};
constexpr Example kXdelexExamples[] = {
    {"weir xdelex emails 1526919030474-55 --acked", "delete it if all groups are done with it"}};

constexpr string_view kXtrimUsage[] = {"xtrim STREAM MAXLEN|MINID [=|~] THRESHOLD [LIMIT N] [KEEPREF|DELREF|ACKED]",
                                       "xtrim STREAM --maxlen N | --minid ID | --older-than TIME [--acked]"};
constexpr Option kXtrimOptions[] = {
    {"--maxlen", length("[~]N"), "keep the newest N entries; with ~ a few more may stay", "MAXLEN"},
    {"--minid", lowest_id("[~]ID"), "drop entries with lower IDs", "MINID"},
    {"--older-than", age("TIME"),
     "drop entries that are older, by the times in their IDs: 7d, 12h; the unit has to be said"},
    {"--limit", number("N"), "with ~: trim at most N entries", "LIMIT"},
    {"--acked", flag(), kAckedMeaning, "ACKED"},
    {"--delref", flag(), kDelrefMeaning, "DELREF"},
    {"--keepref", flag(), kKeeprefMeaning, "KEEPREF"},
    kDryRun,
};
constexpr Example kXtrimExamples[] = {
    {"weir xtrim emails --maxlen 1000", "keep the newest 1000 entries"},
    {"weir xtrim emails --older-than 7d --acked", "what is older than a week and that all groups are done with goes"}};

constexpr string_view kXcfgsetUsage[] = {"xcfgset STREAM [IDMP-DURATION SECONDS] [IDMP-MAXSIZE N]"};
constexpr Option kXcfgsetOptions[] = {
    {"--idmp-duration", time("TIME"),
     "keys count for so long: 60 (seconds), 10m, at most 24h; 100 s if it was never set", "IDMP-DURATION"},
    {"--idmp-maxsize", number("N"), "of each producer the newest N keys count, at most 10000; 100 if it was never set",
     "IDMP-MAXSIZE"},
};
constexpr Example kXcfgsetExamples[] = {
    {"weir xcfgset emails --idmp-duration 24h --idmp-maxsize 10000", "remember the keys of a day"}};

constexpr string_view kXidmprecordUsage[] = {"xidmprecord STREAM PRODUCER KEY ID"};
constexpr Example kXidmprecordExamples[] = {
    {"weir xidmprecord emails weir order-1021 1526919030474-55", "from now on --once order-1021 answers with this ID"}};

constexpr string_view kXsetidUsage[] = {"xsetid STREAM LAST-ID [ENTRIESADDED N] [MAXDELETEDID ID]"};
constexpr Option kXsetidOptions[] = {
    {"--entriesadded", number("N"), "how many entries were ever added", "ENTRIESADDED"},
    {"--maxdeletedid", id("ID"), "the highest ID ever deleted", "MAXDELETEDID"},
};
constexpr Example kXsetidExamples[] = {{"weir xsetid emails 1526919030474-55", "the next ID will be higher"}};

constexpr Command kRows[] = {
    {.name = "xadd",
     .redis = &rows::xadd,
     .section = Section::streams,
     .summary = "append messages to a stream",
     .usage = kXaddUsage,
     .options = kXaddOptions,
     .places = kStream,
     .data = Data::after_stream,
     .run = run_add,
     .in_redis_words = adds_in_redis_words,
     .fill = fill_add,
     .nothing = "there is no such stream: nothing was added",
     .examples = kXaddExamples,
     .notes =
         "A message is a flat object. JSON lines are committed as soon as the input pauses. Lines that weir printed "
         "are taken back as they are: their \"fields\" are stored, their \"stream\" is used where no STREAM was "
         "given."},
    {.name = "xread",
     .redis = &rows::xread,
     .section = Section::streams,
     .summary = "read streams from an ID on, or follow them",
     .usage = kXreadUsage,
     .options = kXreadOptions,
     .places = kStreams,
     .data = Data::at_keyword,
     .run = run_read,
     .in_redis_words = reads_in_redis_words,
     .fill = fill_read,
     .nothing = "no entries",
     .examples = kXreadExamples,
     .notes = "Exit status 1: there was nothing to read before the time-out."},
    {.name = "xrange",
     .redis = &rows::xrange,
     .section = Section::streams,
     .summary = "print entries, oldest first",
     .usage = kXrangeUsage,
     .options = kXrangeOptions,
     .places = kStreamBounds,
     .run = run_range,
     .fill = fill_range,
     .nothing = "no entries",
     .examples = kXrangeExamples,
     .notes = "Exit status 1: the range is empty."},
    {.name = "xrevrange",
     .redis = &rows::xrevrange,
     .section = Section::streams,
     .summary = "print entries, newest first",
     .usage = kXrevrangeUsage,
     .options = kXrevrangeOptions,
     .places = kStreamBounds,
     .run = run_range,
     .fill = fill_reverse_range,
     .nothing = "no entries",
     .examples = kXrevrangeExamples,
     .notes = "Exit status 1: the range is empty."},
    {.name = "tail",
     .section = Section::looking,
     .effect = command::Effect::waits,
     .summary = "the last entries of a stream, and what comes then",
     .usage = kTailUsage,
     .options = kTailOptions,
     .places = kStreams,
     .run = run_tail,
     .nothing = "no entries",
     .examples = kTailExamples,
     .notes = "With -f nothing is missed in between. Exit status 1: there were none."},
    {.name = "xlen",
     .redis = &rows::xlen,
     .section = Section::looking,
     .summary = "how many entries a stream has",
     .usage = kXlenUsage,
     .places = kStream,
     .run = run_request,
     .examples = kXlenExamples,
     .notes = "A stream that is not there has 0; a count is an answer, so the exit status is 0."},
    {.name = "xdel",
     .redis = &rows::xdel,
     .section = Section::streams,
     .summary = "delete entries by ID",
     .usage = kXdelUsage,
     .options = kXdelOptions,
     .places = kStreamIds,
     .run = run_delete,
     .examples = kXdelExamples,
     .notes = "Prints how many there were. 0 is an answer: the exit status is 0. Exit status 1: no ID came."},
    {.name = "xdelex",
     .redis = &rows::xdelex,
     .section = Section::streams,
     .summary = "delete entries, with an eye to the groups",
     .usage = kXdelexUsage,
     .options = kXdelexOptions,
     .places = kStreamIds,
     .run = run_remove,
     .in_redis_words = removes_in_redis_words,
     .fill = fill_delex,
     .examples = kXdelexExamples,
     .notes = "Prints for each ID: 1, it was deleted; 2, it is still there, since a group has not been given it or has "
              "not acknowledged it; -1, there is no such entry."},
    {.name = "xtrim",
     .redis = &rows::xtrim,
     .section = Section::streams,
     .summary = "drop the oldest entries",
     .usage = kXtrimUsage,
     .options = kXtrimOptions,
     .places = kStream,
     .run = run_trim,
     .in_redis_words = trims_in_redis_words,
     .fill = fill_trim,
     .examples = kXtrimExamples,
     .notes = "Prints how many were dropped."},
    {.name = "xcfgset",
     .redis = &rows::xcfgset,
     .section = Section::streams,
     .summary = "how long a stream remembers keys of --once",
     .usage = kXcfgsetUsage,
     .options = kXcfgsetOptions,
     .places = kStream,
     .run = run_request,
     .examples = kXcfgsetExamples,
     .notes = "A value that changes makes the stream forget the keys it has."},
    {.name = "xidmprecord",
     .redis = &rows::xidmprecord,
     .section = Section::streams,
     .summary = "remember a key as that of an entry",
     .usage = kXidmprecordUsage,
     .places = kStream,
     .run = run_request,
     .examples = kXidmprecordExamples,
     .notes = "The entry has to be there. The producer of --once is weir."},
    {.name = "xsetid",
     .redis = &rows::xsetid,
     .section = Section::streams,
     .summary = "set a stream's last ID",
     .usage = kXsetidUsage,
     .options = kXsetidOptions,
     .places = kStreamId,
     .run = run_request,
     .examples = kXsetidExamples},
};

}  // namespace

std::span<const Command> stream_rows() {
  return kRows;
}

}  // namespace weir::cli
