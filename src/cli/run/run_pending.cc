// XPENDING, and selecting from its answer.
#include <algorithm>
#include <iterator>
#include <map>

#include "cli/run/answer.h"
#include "cli/run/selection.h"
#include "cli/run/session.h"
#include "stream/paging.h"

namespace weir::cli {

namespace {

constexpr std::uint64_t kPage = 1'000;

/// Keeps those entries of a page whose messages fit. A message that was deleted has no fields.
Result<void> filter(Store& store, const std::string& stream, const Selection& selection, PendingEntries& page) {
  if (selection.where.empty()) {
    return {};
  }
  std::vector<Id> ids;
  std::ranges::transform(page.entries, std::back_inserter(ids), &PendingEntry::id);
  std::map<Id, bool> fits;
  WEIR_TRY(each_of(store, stream, std::move(ids), [&](const Entry& entry) { fits[entry.id] = selection.fits(entry); }));
  std::erase_if(page.entries, [&](const PendingEntry& pending) {
    const auto found = fits.find(pending.id);
    return !(found == fits.end() ? selection.fits(Entry{pending.id, std::nullopt, std::nullopt}) : found->second);
  });
  return {};
}

/// Passes the selected entries to `see`, page by page.
template <typename See>
Result<void> each_page(Store& store, Xpending request, const Selection& selection, See&& see) {
  request.first = std::max(request.first, selection.first);
  request.last = std::min(request.last, selection.last);
  std::uint64_t left = request.count;
  while (left > 0 && request.first <= request.last) {
    request.count = selection.where.empty() ? std::min(left, kPage) : kPage;
    WEIR_ASSIGN(PendingEntries page, store.run(request));
    const auto next = page.entries.size() < request.count ? std::nullopt : next_id(page.entries.back().id);
    WEIR_TRY(filter(store, request.stream, selection, page));
    page.entries.resize(std::min<std::uint64_t>(page.entries.size(), left));
    left -= page.entries.size();
    WEIR_TRY(see(std::move(page)));
    if (!next) {
      break;
    }
    request.first = *next;
  }
  return {};
}

Result<int> show_selected(const Session& session, Store& store, const Xpending& request, const Selection& selection) {
  const bool in_pages = session.settings.format == Format::lines && !selection.newest;
  PendingEntries all;
  bool any = false;
  WEIR_TRY(each_page(store, request, selection, [&](PendingEntries page) -> Result<void> {
    any = any || !page.entries.empty();
    if (in_pages) {
      write_answer(session.out.text(), session.settings, std::move(page));
      return session.out.flush_if_large();
    }
    std::ranges::move(page.entries, std::back_inserter(all.entries));
    if (selection.newest && all.entries.size() > *selection.newest) {
      const auto surplus = static_cast<std::ptrdiff_t>(all.entries.size() - *selection.newest);
      all.entries.erase(all.entries.begin(), all.entries.begin() + surplus);
    }
    return {};
  }));
  any = in_pages ? any : !all.entries.empty();
  if (!in_pages) {
    write_answer(session.out.text(), session.settings, std::move(all));
  }
  return any ? 0 : 1;
}

}  // namespace

Result<int> run_pending(const Session& session) {
  WEIR_ASSIGN(const auto request, requested(session));
  if (!request) {
    return 0;
  }
  WEIR_ASSIGN(const Selection selection, read_selection(session.arguments.options));
  WEIR_ASSIGN(const auto store, open_for(session));
  const auto* pending = std::get_if<Xpending>(&*request);
  return pending != nullptr && selection.any() ? show_selected(session, *store, *pending, selection)
                                               : run_one(session, *store, *request);
}

}  // namespace weir::cli
