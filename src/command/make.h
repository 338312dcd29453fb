// Requests made of their parts, for a grammar that is not Redis's: the shell's forms. The keywords that were given go
// through the same functions as those of a line, and whatever Redis refuses is refused in its words, with
// `Failure::usage`. Text is copied into the request: none of it needs to outlive the call.
#pragma once

#include "command/grammar.h"

namespace weir::command {

/// `id`: "*", "MS-*" or an ID.
Result<Xadd> make_xadd(std::string_view stream, std::string_view id, Fields fields, std::span<const Given> given);

Result<Xdelex> make_xdelex(std::string_view stream, Words ids, std::span<const Given> given);

Result<Xackdel> make_xackdel(std::string_view stream, std::string_view group, Words ids, std::span<const Given> given);

/// Given: MAXLEN or MINID.
Result<Xtrim> make_xtrim(std::string_view stream, std::span<const Given> given);

/// `bounds`: as Redis has them, none, the first, or both; the entries between the ends that are missing.
Result<Xrange> make_xrange(std::string_view stream, Words bounds, bool reverse, std::span<const Given> given);

/// Each of the streams from the same place on: an ID, "$" or "+".
Result<Xread> make_xread(Words streams, std::string_view from, std::span<const Given> given);

/// `history_after`: an ID, or ">".
Result<Parsed> make_xreadgroup(Words streams, std::string_view group, std::string_view consumer,
                               std::string_view history_after, std::span<const Given> given);

/// Of what is pending, what is asked for.
struct PendingFilter {
  std::optional<std::string_view> idle;
  std::optional<std::string_view> count;
  std::optional<std::string_view> consumer;
};
/// `bounds`: none, or both.
Result<Xpending> make_xpending(std::string_view stream, std::string_view group, Words bounds,
                               const PendingFilter& filter);

/// From the first entry on.
Result<Xautoclaim> make_xautoclaim(std::string_view stream, std::string_view group, std::string_view consumer,
                                   std::string_view min_idle, std::span<const Given> given);

/// With the blame FAIL.
Result<Xnack> make_xnack(std::string_view stream, std::string_view group, Words ids, std::span<const Given> given);

/// SILENT, FAIL or FATAL, in any case.
std::optional<Xnack::Blame> parse_blame(std::string_view word);

}  // namespace weir::command
