#include "worker/dry_run.h"

#include <algorithm>
#include <optional>

#include "io/terminal_text.h"
#include "text/shell_word.h"
#include "worker/process/template.h"

namespace weir::worker {
namespace {

/// A word as a shell accepts it, on one line, without anything that a terminal would obey. A word with such bytes needs
/// a shell that knows $'…': bash, zsh, ksh, and POSIX since 2024.
std::string printed(std::string_view bytes) {
  if (io::visible(bytes).text == bytes) {
    return shell_word(bytes);
  }
  std::string word = "$'";
  constexpr std::string_view kDigits = "01234567";
  for (const char c : bytes) {
    const auto byte = static_cast<unsigned char>(c);
    if (byte >= ' ' && byte < 0x7f && c != '\'' && c != '\\') {
      word += c;
    } else {
      word += {'\\', kDigits[byte >> 6U], kDigits[(byte >> 3U) & 7U], kDigits[byte & 7U]};
    }
  }
  return word + "'";
}

class DryRun {
 public:
  DryRun(Store& store, const WorkOptions& options, CommandTemplate command,
         const std::function<Result<void>(const std::string&)>& show,
         const std::function<void(const std::string&)>& wrong)
      : store_(store), options_(options), command_(std::move(command)), show_(show), wrong_(wrong) {}

  Result<int> all() {
    for (const std::string& stream : options_.streams) {
      WEIR_TRY(of(stream));
    }
    return seen_ > 0 ? 0 : 1;
  }

 private:
  static constexpr std::uint64_t kPage = 1'000;

  bool enough() const { return options_.max_messages && seen_ >= *options_.max_messages; }

  Result<void> of(const std::string& stream) {
    WEIR_ASSIGN(const Count there, store_.run(Exists{{stream}}));
    if (there.value == 0) {
      return {};
    }
    WEIR_ASSIGN(const GroupInfos infos, store_.run(XinfoGroups{stream}));
    const auto group = std::ranges::find(infos.groups, options_.group, &GroupInfo::name);
    std::optional<Id> next = kMinId;  // a new group begins with the first message
    if (group != infos.groups.end()) {
      WEIR_TRY(due(stream));
      next = next_id(group->last_delivered_id);
    }
    std::vector<Message> batch;
    while (next && !enough()) {
      WEIR_ASSIGN(Entries page, store_.run(Xrange{stream, *next, kMaxId, false, kPage}));
      if (page.entries.empty()) {
        break;
      }
      for (Entry& entry : page.entries) {
        if (enough()) {
          break;
        }
        ++seen_;
        batch.push_back({stream, entry.id, std::move(*entry.fields), 1});
        if (batch.size() == options_.batch) {
          WEIR_TRY(tell(batch));
        }
      }
      next = next_id(page.entries.back().id);
    }
    return tell(batch);
  }

  /// Shows messages that were given back and whose wait is over. Such a message runs alone, as does any other that was
  /// delivered before.
  Result<void> due(const std::string& stream) {
    Xpending look;
    look.stream = stream;
    look.group = options_.group;
    look.released = true;
    look.count = kPage;
    WEIR_ASSIGN(const PendingEntries waiting, store_.run(look));
    for (const PendingEntry& entry : waiting.entries) {
      if (enough() || (entry.released && entry.released->left > Millis(0))) {
        break;
      }
      WEIR_ASSIGN(Entries found, store_.run(Xrange{stream, entry.id, entry.id, false, 1}));
      if (!found.entries.empty()) {
        ++seen_;
        std::vector<Message> alone;
        alone.push_back({stream, entry.id, std::move(*found.entries[0].fields), entry.deliveries + 1, entry.laters});
        WEIR_TRY(tell(alone));
      }
    }
    return {};
  }

  Result<void> tell(std::vector<Message>& messages) {
    if (messages.empty()) {
      return {};
    }
    const auto arguments =
        command_.expand(messages.front(), messages.front().fields.pairs(), options_.missing == Missing::empty);
    if (!arguments) {
      wrong_(to_string(messages.front().id) + ": " + io::visible(arguments.error().reason).text);
    } else {
      std::string line;
      for (const std::string& argument : *arguments) {
        line += (line.empty() ? "" : " ") + printed(argument);
      }
      WEIR_TRY(show_(line));
    }
    messages.clear();
    return {};
  }

  Store& store_;
  const WorkOptions& options_;
  CommandTemplate command_;
  const std::function<Result<void>(const std::string&)>& show_;
  const std::function<void(const std::string&)>& wrong_;
  std::uint64_t seen_ = 0;
};

}  // namespace

Result<int> dry_run(Store& store, const WorkOptions& options,
                    const std::function<Result<void>(const std::string&)>& show,
                    const std::function<void(const std::string&)>& wrong) {
  WEIR_ASSIGN(auto command,
              CommandTemplate::parse(options.command, options.batch > 1, options.input != CommandInput::none));
  return DryRun(store, options, std::move(command), show, wrong).all();
}

}  // namespace weir::worker
