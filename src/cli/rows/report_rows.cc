// Rows: what is queued, as monitors and people see it.
#include "cli/command_table/command_rows.h"
#include "cli/run/session.h"

namespace weir::cli {

namespace {

using command::Effect;
using std::string_view;

constexpr string_view kCheckUsage[] = {
    "check [STREAM [GROUP]] [--oldest TIME] [--waiting N] [--pending N] [--held TIME] [--dead N] "
    "[--idle-group TIME] [--log BYTES] [--backup TIME]"};
constexpr Option kCheckOptions[] = {
    {"--oldest", time("TIME"), "critical: the oldest message that a group has not been given is older"},
    {"--warn-oldest", time("TIME"), "warning: it is older"},
    {"--waiting", number("N", 0), "critical: a group has not been given more than N"},
    {"--warn-waiting", number("N", 0), "warning: it has not been given more than N"},
    {"--pending", number("N", 0), "critical: a group has been given, and not acknowledged, more than N"},
    {"--warn-pending", number("N", 0), "warning: more than N"},
    {"--held", time("TIME"), "critical: a consumer has held a message for longer without renewing its claim"},
    {"--warn-held", time("TIME"), "warning: for longer"},
    {"--dead", number("N", 0), "critical: a stream has more than N dead letters, in STREAM.dead"},
    {"--warn-dead", number("N", 0), "warning: more than N"},
    {"--idle-group", time("TIME"), "critical: for so long nobody has asked for the messages that a group has"},
    {"--warn-idle-group", time("TIME"), "warning: for so long"},
    {"--log", number("BYTES", 0), "critical: the log beside the database is larger"},
    {"--warn-log", number("BYTES", 0), "warning: it is larger"},
    {"--backup", time("TIME"), "critical: no backup was begun within this time"},
    {"--warn-backup", time("TIME"), "warning: none within this time"},
};
constexpr Example kCheckExamples[] = {
    {"weir check || echo not well", "with the limits that it has if none is given"},
    {"weir check emails mailers --waiting 1000 --warn-waiting 100", "one group, for a monitor"},
    {"weir check --pending 100 -o jsonl", "all figures, for a program"},
};

constexpr string_view kMetricsUsage[] = {"metrics [--file FILE]"};
constexpr Option kMetricsOptions[] = {
    {"--file", text("FILE"), "write them there: whoever reads FILE sees all of them or those before"}};
constexpr Example kMetricsExamples[] = {{"weir metrics --file weir.prom", "from cron, for the node exporter"}};

constexpr string_view kReportUsage[] = {"report [STREAM ...] [--log STREAM] [--since TIME]  > report.html"};
constexpr Option kReportOptions[] = {
    {"--log", text_several("STREAM"),
     "a run log, as work --log writes it; several: several times; if not given, all streams that look like one"},
    {"--since", past("TIME"), "activity since then: 2h (ago), 2026-12-01T09:00, 09:00 (the last); 24h if not given"}};
constexpr Example kReportExamples[] = {{"weir report > report.html", "a page for a browser or a printer"},
                                       {"weir report emails --since 7d > emails.html", "one stream, the last week"}};

constexpr string_view kTopUsage[] = {"top [GLOB] [--sort ORDER] [--stuck-after TIME]"};
constexpr Choice kTopOrders[] = {choice("waiting", 0), choice("name", 1),   choice("in", 2),   choice("out", 3),
                                 choice("pending", 4), choice("oldest", 5), choice("dead", 6), choice("length", 7)};
constexpr Option kTopOptions[] = {
    {"--sort", one_of("ORDER", kTopOrders, "waiting"), "of the streams, the most first: {}"},
    {"--stuck-after", time("TIME", 1), "what counts as stuck, as for ls: 30s; 10m if not given"}};
constexpr Example kTopExamples[] = {{"weir top", "all streams; ? shows the keys"},
                                    {"weir top 'mail*' --sort oldest", "some of them, where the oldest message is"}};

constexpr Command kRows[] = {
    {.name = "top",
     .section = Section::looking,
     .effect = Effect::looks,
     .summary = "a live view of streams, groups and messages, on a terminal",
     .usage = kTopUsage,
     .options = kTopOptions,
     .places = kStream,
     .run = run_top,
     .prints_text = true,
     .examples = kTopExamples,
     .notes =
         "Enter goes into a stream, a group, a message; Esc back; ? shows all keys. Keys that change something ask "
         "first."},
    {.name = "check",
     .section = Section::looking,
     .effect = Effect::looks,
     .summary = "is all well? one line and an exit status, for a monitor",
     .usage = kCheckUsage,
     .options = kCheckOptions,
     .places = kStreamGroup,
     .run = run_check,
     .for_monitors = true,
     .examples = kCheckExamples,
     .notes =
         "Exit status as Nagios has it: 0 all is well, 1 warning, 2 critical, 3 unknown: something could not be "
         "told, or looked at. Without any limit these are: --oldest 10m --waiting 1000 --pending 100 --held 1h --dead "
         "0 "
         "--idle-group 1d; else only what is given is looked at. A group that is paused until it is resumed is a "
         "warning; what waits in a paused group is no more than that. The age of a message is counted from the time in "
         "its "
         "ID. A delayed one gets that when it is appended: when it is due, or at the first look at its stream after "
         "that."},
    {.name = "metrics",
     .section = Section::looking,
     .effect = Effect::looks,
     .summary = "what is queued, as Prometheus reads it",
     .usage = kMetricsUsage,
     .options = kMetricsOptions,
     .run = run_metrics,
     .prints_text = true,
     .examples = kMetricsExamples,
     .notes = "A series for each stream and each group. What is not known has no sample."},
    {.name = "report",
     .section = Section::looking,
     .effect = Effect::looks,
     .summary = "a page about what is queued and what was done",
     .usage = kReportUsage,
     .options = kReportOptions,
     .places = kStreams,
     .run = run_report,
     .prints_text = true,
     .examples = kReportExamples,
     .notes = "HTML, in one file: no script, no outside address. What went out, how long it took and what failed is "
              "known from run logs."},
};

}  // namespace

std::span<const Command> report_rows() {
  return kRows;
}

}  // namespace weir::cli
