// Completion for the shells: what can stand for the last word of a command line.
//
// The scripts in completions/ ask `weir __complete WORD...`, with the words after `weir` up to the one that is being
// written, without their quotes. The first line of the answer says what the others are. It is one of three words, and
// no name can take its place:
//
//   words       candidates, one a line, each for the whole word, with a tab and its meaning where it has one
//   databases   nothing follows: the shell knows the names of files. Those of a database's own files are left out
//   command     nothing follows: what stands after the first `--` is another program's command line
//
// Names are chosen by whoever writes to the database. One that a terminal would obey, or that would not show as what it
// is, is not offered; a shell quotes the others, and never evaluates anything of the answer.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "cli/arguments/given_options.h"

namespace weir::cli {

/// Appends the answer to `out`. Silent where it knows nothing; never makes a database.
void complete(Argv words, std::string& out);

/// Where names are looked for.
struct NameScope {
  std::string prefix;                ///< of the names that are wanted
  std::vector<std::string> streams;  ///< none: all, or for what is within them the first of them
  std::string group;                 ///< of IDs and consumers; empty: IDs are the stream's, consumers all
};

struct Candidate {
  std::string name;
  std::string meaning;
};

/// How many candidates a shell is given at most. Where there are more, the last one in order is among them, so that
/// what the candidates begin with in common is what all of them do: a shell writes that much at once.
inline constexpr std::size_t kMostCandidates = 400;

/// Names from the database that `options` and the environment name. Empty if there is none, on any failure, if
/// looking takes too much work, and if it is a server: a shell must not wait for a network.
std::vector<Candidate> stored_names(Named kind, const NameScope& scope, const Options& options);

}  // namespace weir::cli
