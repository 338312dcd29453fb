// Completion for shells: what the last word of a command line can be.
//
// The scripts in completions/ call `weir __complete WORD...` with the words after `weir`, without quotes, up to the one
// being written. The first line of the answer says what the other lines are. It is one of three words, so no name can
// be taken for it:
//
//   words       candidates, one a line, each for the whole word, with a tab and its meaning where it has one
//   databases   nothing follows: the shell knows the names of files. Those of a database's own files are left out
//   command     nothing follows: what stands after the first `--` is another program's command line
//
// Whoever writes to the database chooses the names. A name that a terminal would obey, or that would look different
// from what it is, is not offered. A shell quotes the others, and never evaluates any part of the answer.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "cli/arguments/given_options.h"

namespace weir::cli {

/// Appends the answer to `out`; appends nothing on any failure. Never makes a database.
void complete(Argv words, std::string& out);

/// Where to look for names.
struct NameScope {
  std::string prefix;                ///< the beginning of the names
  std::vector<std::string> streams;  ///< none: all streams; for names within a stream, the first ones
  std::string group;                 ///< whose IDs and consumers; empty: IDs of the stream, consumers of all groups
};

struct Candidate {
  std::string name;
  std::string meaning;
};

/// The most candidates that a shell is given. If there are more, the last one in order is included, so that the given
/// candidates have the same common beginning as all of them: a shell writes this beginning at once.
inline constexpr std::size_t kMostCandidates = 400;

/// Names from the database that `options` and the environment name. Empty if there is no database, on any failure, if
/// looking takes too much work, and for a server, as a shell must not wait for a network.
std::vector<Candidate> stored_names(Named kind, const NameScope& scope, const Options& options);

}  // namespace weir::cli
