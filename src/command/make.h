// Makes requests from parts, for the shell's grammar. Given keywords pass through the same functions as those of a
// Redis line. Whatever Redis refuses is refused in Redis's words, with `Failure::usage`. Text is copied into the
// request, so it need not outlive the call.
#pragma once

#include "command/grammar.h"

namespace weir::command {

/// `id`: "*", "MS-*" or an ID.
Result<Xadd> make_xadd(std::string_view stream, std::string_view id, Fields fields, std::span<const Given> given);

Result<Xdelex> make_xdelex(std::string_view stream, Words ids, std::span<const Given> given);

Result<Xackdel> make_xackdel(std::string_view stream, std::string_view group, Words ids, std::span<const Given> given);

/// `given` has MAXLEN or MINID.
Result<Xtrim> make_xtrim(std::string_view stream, std::span<const Given> given);

/// `bounds`: none, the first, or both, in Redis's form. A missing bound means the end of the stream on that side.
Result<Xrange> make_xrange(std::string_view stream, Words bounds, bool reverse, std::span<const Given> given);

/// Reads all streams from the same place: an ID, "$" or "+".
Result<Xread> make_xread(Words streams, std::string_view from, std::span<const Given> given);

/// `history_after`: an ID, or ">".
Result<Parsed> make_xreadgroup(Words streams, std::string_view group, std::string_view consumer,
                               std::string_view history_after, std::span<const Given> given);

/// Which pending entries are asked for.
struct PendingFilter {
  std::optional<std::string_view> idle;
  std::optional<std::string_view> count;
  std::optional<std::string_view> consumer;
};
/// `bounds`: none or both.
Result<Xpending> make_xpending(std::string_view stream, std::string_view group, Words bounds,
                               const PendingFilter& filter);

/// Starts at the first entry.
Result<Xautoclaim> make_xautoclaim(std::string_view stream, std::string_view group, std::string_view consumer,
                                   std::string_view min_idle, std::span<const Given> given);

/// The blame is FAIL.
Result<Xnack> make_xnack(std::string_view stream, std::string_view group, Words ids, std::span<const Given> given);

/// SILENT, FAIL or FATAL, in upper or lower case.
std::optional<Xnack::Blame> parse_blame(std::string_view word);

}  // namespace weir::command
