// Completion for the shells: what can stand for the last word of a command line.
//
// The scripts in completions/ ask `weir __complete WORD...`, with the words behind `weir` up to the one that is being
// written. The answer is a candidate a line, with a tab and its meaning where it has one; or one of
//
//   :files       names of files
//   :command N   from word N on it is another program's command line (weir is word 0)
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "cli/grammar.h"
#include "cli/options.h"

namespace weir {

/// Appends the answer to `out`. Silent where it knows nothing; never makes a database.
void complete(Words words, std::string& out);

/// What a word can be the name of.
enum class Named { nothing, stream, group, consumer, id, command, files };

/// What stands at a place of a command's grammar, from its usage: `n` counts the words that are no options.
Named named_at(const Command& command, std::size_t n);
/// What an option's value names.
Named named_by(const Option& option);

/// Where names are looked for.
struct NameScope {
  std::vector<std::string> streams;  ///< none: all
  std::string group;                 ///< of IDs and consumers; empty: IDs are the stream's, consumers all
};

struct Candidate {
  std::string name;
  std::string meaning;
};

/// Names from the database that `options` and the environment name. Empty if there is none, on any failure, and
/// if it is a server: a shell must not wait for a network.
std::vector<Candidate> stored_names(Named kind, const NameScope& scope, const Options& options);

}  // namespace weir
