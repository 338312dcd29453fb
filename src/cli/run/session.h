// What a running command uses, and the functions that run commands, to which the rows of the table refer.
#pragma once

#include "cli/arguments/arguments.h"
#include "cli/run/settings.h"
#include "io/line_reader.h"
#include "io/output.h"
#include "stream/delaying.h"

namespace weir::cli {

/// What a running command can use.
struct Session {
  const Arguments& arguments;
  const Settings& settings;
  io::Output& out;
};

/// In the place of an exit status: 1, since the time was over before what was waited for. That is not "nothing came",
/// and
/// --empty-ok does not make it 0.
inline constexpr int kTimeOver = -1;

// The functions that run commands: see `Command::run`.
Result<int> run_request(const Session& session);
Result<int> run_add(const Session& session);
Result<int> run_range(const Session& session);
Result<int> run_read(const Session& session);
Result<int> run_tail(const Session& session);
Result<int> run_group_read(const Session& session);
Result<int> run_del(const Session& session);
Result<int> run_trim(const Session& session);
/// Runs XDELEX and XACKDEL.
Result<int> run_remove(const Session& session);
Result<int> run_delete(const Session& session);
Result<int> run_ack(const Session& session);
Result<int> run_pending(const Session& session);
Result<int> run_autoclaim(const Session& session);
Result<int> run_flush(const Session& session);
Result<int> run_list(const Session& session);
Result<int> run_batch(const Session& session);
Result<int> run_serve(const Session& session);
Result<int> run_worker(const Session& session);
Result<int> run_dead_ls(const Session& session);
Result<int> run_dead_show(const Session& session);
Result<int> run_dead_requeue(const Session& session);
Result<int> run_dead_purge(const Session& session);
Result<int> run_wait(const Session& session);
Result<int> run_completion(const Session& session);
Result<int> run_copy(const Session& session);
/// Runs COPY with --follow.
Result<int> run_follow(const Session& session);
Result<int> run_delayed_ls(const Session& session);
Result<int> run_delayed_cancel(const Session& session);
Result<int> run_delayed_now(const Session& session);
Result<int> run_keep(const Session& session);
Result<int> run_check(const Session& session);
Result<int> run_metrics(const Session& session);
Result<int> run_report(const Session& session);
Result<int> run_top(const Session& session);
Result<int> run_pause(const Session& session);
Result<int> run_backup(const Session& session);
Result<int> run_compact(const Session& session);
Result<int> run_verify(const Session& session);
Result<int> run_doctor(const Session& session);
Result<int> run_resume(const Session& session);

/// Runs XADD with JSON lines from standard input.
Result<int> run_append(const Session& session);
/// Runs XADD with --wait.
Result<int> run_add_and_wait(const Session& session);
/// Whether the message is to be appended later.
bool is_delayed(const Arguments& arguments);
/// Runs XADD with --in or --at: for one message, or for JSON lines.
Result<int> run_delayed_add(const Session& session);

/// Whether the message is to be added only if no message with its key waits.
bool is_unique(const Arguments& arguments);
/// Runs XADD with --unique, also together with --in or --at.
Result<int> run_unique_add(const Session& session);
/// When the message is due, according to --in or --at.
Result<Due> read_due(const Options& options);
/// Fails if the message has an ID or trimming, which Redis's grammar allows, but a delayed message cannot have.
Result<void> check_is_plain(const Xadd& entry);

/// The request that the command line asks for. Nothing: there is none, and the answer has been written.
Result<std::optional<Request>> requested(const Session& session);

/// Runs a request and writes its answer; returns the exit status.
Result<int> run_one(const Session& session, Store& store, const Request& request);

/// Opens the store if it is a file that exists.
Result<std::unique_ptr<Store>> open_file(const Session& session, Access access);

/// Opens the store in the way that the session's command needs.
Result<std::unique_ptr<Store>> open_for(const Session& session);

/// How the command waits for its input. If the streams are in a file, a signal lets the command close the file in
/// order.
io::LineReader::Wait wait_of(const Session& session);

/// Tells the user on standard error: one line, and a second one for the hint. Unsafe bytes are escaped.
void report(const Error& error);

/// Tells on standard error, if standard input is a terminal, what the command waits for.
void say_what_is_awaited(const char* what);

}  // namespace weir::cli
