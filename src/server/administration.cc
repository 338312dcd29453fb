#include "server/administration.h"

#include <algorithm>
#include <array>

#include "command/redis_command.h"
#include "server/asked.h"
#include "server/other_types.h"
#include "text/words.h"

namespace weir::server {
namespace {

using command::Words;

/// What the words name. `row` is null if there is no such subcommand. If nothing is set, the command is not in this
/// table.
struct Match {
  const Row* row = nullptr;
  std::string_view container = {};
};

/// Words of most commands are looked up in vain here, as most commands are about the store. One letter rules out most
/// rows.
bool may_be(const Row& row, std::string_view word) {
  constexpr int kSmall = 0x20;
  return !word.empty() && (word[0] | kSmall) == row.name[0];
}

Match match(Words words) {
  Match found;
  for (const auto family : rows()) {
    for (const Row& row : family) {
      if (!may_be(row, words[0]) || !same_word(words[0], command::first_name(row.name))) {
        continue;
      }
      const std::string_view second = command::second_name(row.name);
      if (second.empty() ? words.size() == 1 || found.row == nullptr
                         : words.size() > 1 && same_word(words[1], second)) {
        found.row = &row;
      }
      found.container = second.empty() ? found.container : command::first_name(row.name);
    }
  }
  // A name that is both a container and a command (COMMAND) is a command only without a second word.
  if (found.row != nullptr && !found.container.empty() && command::second_name(found.row->name).empty() &&
      words.size() > 1) {
    found.row = nullptr;
  }
  return found;
}

}  // namespace

std::array<std::span<const Row>, 6> rows() {
  return {hello_rows(), client_rows(), command_rows(), config_rows(), info_rows(), other_rows()};
}

bool is_own(Words words) {
  const Match found = match(words);
  return found.row != nullptr || !found.container.empty();
}

bool is_administrative(Words words) {
  const Match found = match(words);
  return found.row != nullptr ? found.row->answer != nullptr : !found.container.empty();
}

bool is_for_strangers(Words words) {
  const Match found = match(words);
  return found.row != nullptr && found.row->for_strangers;
}

std::string_view name_of_own(Words words) {
  const Match found = match(words);
  return found.row == nullptr ? std::string_view() : found.row->name;
}

Result<std::string_view> check_own(Words words) {
  const Match found = match(words);
  if (found.row == nullptr) {
    if (words.size() == 1) {
      return command::wrong_arity(found.container);
    }
    std::string text =
        "unknown subcommand '" + command::shown(words[1]) + "'. Try " + upper(found.container) + " HELP.";
    if (const std::string kind = kind_of_server(found.container); !kind.empty()) {
      text += " " + kind;
    }
    return command::refuse(text);
  }
  if (!command::arity_fits(found.row->arity, words.size())) {
    return command::wrong_arity(found.row->name);
  }
  return found.row->name;
}

void administer(Client& client, Clients& clients, About& about, Words words, std::string& out) {
  Asked asked{client, clients, about, words, out};
  if (const auto name = check_own(words); !name) {
    asked.writer().error(name.error().message);
  } else {
    match(words).row->answer(asked);
  }
}

void answer_help(Asked& asked) {
  const std::string_view container = asked.words[0];
  std::vector<std::string> lines{upper(container) + " <subcommand> [<arg> [value] [opt] ...]. Subcommands are:"};
  for (const auto family : rows()) {
    for (const Row& row : family) {
      if (same_word(command::first_name(row.name), container) && !command::second_name(row.name).empty()) {
        lines.push_back(upper(command::second_name(row.name)));
        lines.push_back("    " + std::string(row.summary));
      }
    }
  }
  asked.writer().array(lines.size());
  for (const std::string& line : lines) {
    asked.writer().status(line);
  }
}

}  // namespace weir::server
