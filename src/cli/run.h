// Runs one command line.
#pragma once

#include "cli/arguments.h"
#include "cli/settings.h"
#include "cli/shell_line.h"
#include "util/line_reader.h"
#include "util/output.h"

namespace weir::cli {

/// Runs the program, with what `main` was given. Gives the exit status. Throws nothing.
int run(int argc, char** argv);

/// What a running command has at hand.
struct Session {
  const Arguments& arguments;
  const Settings& settings;
  Output& out;
};

// One function for each form of command line. Each writes its answer to `session.out` (whose rest the caller
// flushes) and gives the exit status: 0 or 1, or a failure's where it has already told the user of it.
Result<int> run_request(const Session& session, const std::vector<std::string>& line);
Result<int> run_identifiers(const Session& session, const std::vector<std::string>& line);
Result<int> run_walk(const Session& session, const std::vector<std::string>& line);
Result<int> run_list(const Session& session, const std::vector<std::string>& line);
Result<int> run_append(const Session& session, const std::vector<std::string>& line);
Result<int> run_batch(const Session& session);
Result<int> run_worker(const Session& session);
Result<int> run_dead_letters(const Session& session);
Result<int> run_copy(const Session& session);

/// Ranges in pages, in constant memory, without a transaction that is open while the reader is slow.
Result<int> run_pages(const Session& session, Store& store, Xrange range);

/// XREAD and XREADGROUP with --follow or --create.
Result<int> run_read(const Session& session, Store& store, Xread request);
Result<int> run_group_read(const Session& session, Store& store, Xreadgroup request);

/// How a command waits for its input: if its streams are in a file, a signal lets it leave the file in order.
LineReader::Wait wait_of(const Session& session);

/// How the store is met by the session's command.
Access access_of(const Command& command);

/// One line for the user, and a second with the hint, on standard error. Bytes that are not safe there are escaped.
void report(const Error& error);

/// On standard error, if standard input is a terminal: what the command waits for.
void say_what_is_awaited(const char* what);

}  // namespace weir::cli
