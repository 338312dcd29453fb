// Answers in the format that was asked for. All of these append to `out`.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "cli/grammar.h"
#include "cli/settings.h"
#include "io/table_entries.h"
#include "stream/reply.h"

namespace weir::cli {

/// How tables are made: for the terminal that standard output is, if it is one.
io::TableStyle table_style(const Settings& settings);

/// A reply of its own: JSON lines for the shell, or the other formats.
void write_answer(std::string& out, const Settings& settings, const Reply& reply);

/// The entries of a command that prints them page by page.
class EntryPages {
 public:
  /// `streams`: there may be more than one.
  EntryPages(const Settings& settings, bool streams);
  void write(std::string& out, const Entries& page);
  void write(std::string& out, const StreamEntries& page);

 private:
  const Settings& settings_;
  bool streams_;
  std::optional<io::EntryTable> table_;
};

/// A reply as `batch` writes it: JSON lines are one value for each command, everything else is as ever.
void write_batch_answer(std::string& out, Format format, const Reply& reply);
void write_batch_error(std::string& out, Format format, std::string_view message);
void write_batch_local(std::string& out, Format format, const Local& local);

/// EXEC: `answers` are what the functions above have written for each command.
void write_batch_array(std::string& out, Format format, std::span<const std::string> answers);

/// An error that is a reply. Requires: `errors_are_replies(format)`.
void write_error_reply(std::string& out, Format format, std::string_view message);

/// The answer to a command that needs no store, outside `batch`.
void write_local(std::string& out, Format format, const Local& local);

/// Whether the reply has nothing in it: no message, no entry, an empty range (exit status 1).
bool is_nothing(const Reply& reply);

}  // namespace weir::cli
