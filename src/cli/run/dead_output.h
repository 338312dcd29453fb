// What `weir dead` prints, in the requested format.
#pragma once

#include "cli/run/answer.h"
#include "cli/run/session.h"
#include "worker/dead/dead.h"

namespace weir::cli {

/// JSON lines are printed as the letters come, tables page by page; Redis's reply is one array of entries, at the end.
/// The ID of a message that was put back is written at once: whoever is killed afterwards has told of it.
class DeadOutput {
 public:
  /// `stream`: the stream of the dead letters.
  DeadOutput(const Session& session, std::string stream)
      : session_(session), pages_(session.settings, false), page_{std::move(stream), {}} {}

  void tell(const worker::DeadAnswer& answer);

  /// The first failure to write, after which nothing more is written.
  const Result<void>& written() const { return written_; }

  /// Prints what is held back; fails with the first failure to write. `letters`: whether letters were asked for.
  Result<void> finish(bool letters);

 private:
  void add(Entry entry);
  void write_page();

  const Session& session_;
  EntryPages pages_;
  Entries page_;
  Result<void> written_;
  std::uint64_t anew_ = 0;  ///< messages that were put back as new entries
};

}  // namespace weir::cli
