// What `weir dead` prints, in the format that was asked for.
#pragma once

#include "cli/run/answer.h"
#include "cli/run/session.h"
#include "worker/dead/dead.h"

namespace weir::cli {

/// JSON lines as the letters come; a table page by page; as Redis's reply, one array of entries, at the end.
class DeadOutput {
 public:
  /// `stream`: of the dead letters.
  DeadOutput(const Session& session, std::string stream)
      : session_(session), pages_(session.settings, false), page_{std::move(stream), {}} {}

  void tell(const worker::DeadAnswer& answer);

  /// What is still held back, and the first failure to write. `letters`: whether letters were asked for.
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
