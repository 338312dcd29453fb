// Answers in the requested format. All functions append to `out`.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "cli/run/settings.h"
#include "io/table/table_entries.h"
#include "io/write.h"
#include "stream/reply.h"

namespace weir::cli {

/// The style of tables, which depends on the terminal if standard output is one.
io::TableStyle table_style(const Settings& settings);

/// A single reply: as JSON lines for the shell, or in another format.
void write_answer(std::string& out, const Settings& settings, const Reply& reply);

/// The entries of a command that prints them page by page.
class EntryPages {
 public:
  /// `streams`: the entries may be from several streams.
  EntryPages(const Settings& settings, bool streams);
  void write(std::string& out, const Entries& page);
  void write(std::string& out, const StreamEntries& page);
  /// Whether packed entries can be written, as they are lines.
  bool takes_packed() const { return settings_.format == Format::lines; }
  /// Requires: takes_packed().
  void write(std::string& out, std::string_view stream, const PackedEntries& page) {
    io::write_entry_lines(out, stream, page);
  }

 private:
  const Settings& settings_;
  bool streams_;
  std::optional<io::EntryTable> table_;
};

/// A reply as `batch` writes it: of JSON, one value for each command; all other formats as usual.
void write_batch_answer(std::string& out, Format format, const Reply& reply);
void write_batch_error(std::string& out, Format format, std::string_view message);
/// The answer to EXEC.
void write_batch_answers(std::string& out, Format format, io::Replies replies);

/// An error in the form of a reply. Requires: `errors_are_replies(format)`.
void write_error_reply(std::string& out, Format format, std::string_view message);

/// Whether the reply is empty: no message, no entry, an empty range (exit status 1).
bool is_nothing(const Reply& reply);

}  // namespace weir::cli
