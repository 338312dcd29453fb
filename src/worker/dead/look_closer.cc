#include "worker/dead/look_closer.h"

#include <algorithm>
#include <functional>
#include <set>

#include "text/shell_word.h"
#include "worker/dead/targets.h"

namespace weir::worker {
namespace {

/// Calls `see` for each letter, until `see` says that it has seen enough.
Result<void> each_letter(Store& store, const std::string& letters,
                         const std::function<bool(Id, const DeadLetter&)>& see) {
  constexpr std::uint64_t kPage = 100;
  Xrange page;
  page.stream = letters;
  page.count = kPage;
  while (true) {
    WEIR_ASSIGN(const Entries found, store.run(page));
    for (const Entry& entry : found.entries) {
      const auto letter = entry.fields ? read_dead_letter(*entry.fields) : std::nullopt;
      if (letter && !see(entry.id, *letter)) {
        return {};
      }
    }
    const auto next = found.entries.size() < kPage ? std::nullopt : next_id(found.entries.back().id);
    if (!next) {
      return {};
    }
    page.first = *next;
  }
}

std::string command_of(const DeadOptions& options) {
  using Action = DeadOptions::Action;
  switch (options.action) {
    case Action::ls:
      return "weir dead ls ";
    case Action::show:
      return "weir dead show ";
    case Action::requeue:
      return "weir dead requeue ";
    case Action::purge:
      break;
  }
  return "weir dead purge ";
}

/// The named stream is itself a stream of dead letters, perhaps copied from a line of `work`.
Result<std::optional<Advice>> advice_for_stream(Store& store, const DeadOptions& options, const std::string& letters) {
  const std::string& named = options.stream;
  WEIR_ASSIGN(const std::string usual, dead_letter_stream(store, named, ""));
  WEIR_ASSIGN(const Count there, store.run(Exists{{letters}}));
  if (letters != usual || there.value > 0) {
    return std::nullopt;
  }
  WEIR_ASSIGN(const auto letter, last_letter(store, named));
  if (!letter) {
    return std::nullopt;
  }
  WEIR_ASSIGN(const std::string home, dead_letter_stream(store, letter->stream, ""));
  return Advice{named + " has dead letters of " + letter->stream + ": name the stream that the messages were on",
                "write: " + shell_word(letter->stream) + (home == named ? "" : " --dead-letter " + shell_word(named)) +
                    ", in place of " + shell_word(named)};
}

}  // namespace

Result<std::optional<Advice>> advice_for_ids(Store& store, const DeadOptions& options, const std::string& letters,
                                             const std::vector<Id>& ids) {
  constexpr std::size_t kMost = 20;
  const std::set<Id> wanted(ids.begin(), ids.end());
  std::set<Id> messages;
  std::string list;
  WEIR_TRY(each_letter(store, letters, [&](Id id, const DeadLetter& letter) {
    if (letter.stream == options.stream && wanted.contains(letter.id)) {
      messages.insert(letter.id);
      list += " " + to_string(id);
    }
    return messages.size() < kMost;
  }));
  if (messages.empty()) {
    return std::nullopt;
  }
  const std::string what = messages.size() == 1 ? to_string(*messages.begin()) + " is the ID of a message, not of"
                                                : "some of these are IDs of messages, not of";
  WEIR_ASSIGN(const std::string usual, dead_letter_stream(store, options.stream, ""));
  const std::string place = letters == usual ? "" : " --dead-letter " + shell_word(letters);
  return Advice{what + " a dead letter", "write: " + command_of(options) + shell_word(options.stream) + list + place};
}

Result<std::optional<std::string>> name_without_prefix(Store& store, const DeadOptions& options,
                                                       const std::string& letters) {
  std::set<std::string> names;
  for (const Condition& condition : options.where) {
    if (is_letter_field("weir." + condition.name())) {
      names.insert(condition.name());
    }
  }
  if (names.empty()) {
    return std::nullopt;
  }
  bool any = false;
  WEIR_TRY(each_letter(store, letters, [&](Id, const DeadLetter& letter) {
    any = true;
    letter.original.each([&](std::string_view name, std::string_view) { names.erase(std::string(name)); });
    return !names.empty();
  }));
  return any && !names.empty() ? std::optional(*names.begin()) : std::nullopt;
}

Advice advice_for_name(const std::string& name) {
  return {"no message here has a field '" + name + "'; what a dead letter says of it is weir." + name,
          "write: --where 'weir." + name + "=...'"};
}

Result<std::optional<Advice>> advice_for(Store& store, const DeadOptions& options, const std::string& letters) {
  WEIR_ASSIGN(const auto name, name_without_prefix(store, options, letters));
  return name ? std::optional(advice_for_name(*name)) : advice_for_stream(store, options, letters);
}

}  // namespace weir::worker
