#include "cli/run/selection.h"

#include <algorithm>
#include <array>
#include <string>
#include <utility>

#include "cli/arguments/fill.h"
#include "stream/newest.h"

namespace weir::cli {

namespace {

constexpr std::uint64_t kPage = 4096;

// Narrows `range` to the part after the printed page. False: nothing is left.
bool go_on_behind(Xrange& range, Id printed) {
  const auto next = range.reverse ? previous_id(printed) : next_id(printed);
  if (!next) {
    return false;
  }
  (range.reverse ? range.last : range.first) = *next;
  return range.first <= range.last;
}

}  // namespace

bool Selection::fits(const Entry& entry) const {
  return where.empty() || all_hold(where, entry.fields.value_or(Fields()));
}

void Selection::filter(Entries& entries) const {
  if (!where.empty()) {
    std::erase_if(entries.entries, [this](const Entry& entry) { return !fits(entry); });
  }
}

Result<Selection> read_selection(const Options& options) {
  Selection selection;
  if (const auto since = options.time("--since")) {
    selection.first = {static_cast<std::uint64_t>(since->count()), 0};
  }
  if (const auto until = options.time("--until")) {
    // 0-0 is no entry's ID, so it stands for an empty range.
    selection.last = previous_id({static_cast<std::uint64_t>(until->count()), 0}).value_or(kMinId);
  }
  if (const auto newest = options.number("--last")) {
    selection.newest = static_cast<std::uint64_t>(*newest);
  }
  for (const std::string_view text : options.texts("--where")) {
    WEIR_ASSIGN(Condition condition, Condition::parse(text));
    selection.where.push_back(std::move(condition));
  }
  if (selection.newest && options.has("--count")) {
    return fail(Failure::usage, "--last does not go with --count", "both say how many");
  }
  return selection;
}

Result<Selection> read_selection_of_read(const Arguments& arguments) {
  constexpr std::array<const char*, 4> kAll{"--since", "--until", "--last", "--where"};
  constexpr std::array<std::pair<const char*, const char*>, 4> kExclusive{
      {{"--since", "--after"}, {"--last", "--after"}, {"--until", "--follow"}, {"--until", "--block"}}};
  const Options& options = arguments.options;
  for (const auto& [one, other] : kExclusive) {
    if (options.has(one) && options.has(other)) {
      return fail(Failure::usage, std::string(one) + " does not go with " + other);
    }
  }
  for (const char* one : kAll) {
    for (const char* limit : {"--maxcount", "--maxsize"}) {
      if (options.has(one) && options.has(limit)) {
        return fail(Failure::usage, std::string(limit) + " does not go with " + one);
      }
    }
    if (options.has(one) && arguments.command->redis != nullptr && reads_in_redis_words(arguments)) {
      return fail(Failure::usage, std::string(one) + " does not go with STREAMS and its IDs",
                  "write: weir " + std::string(arguments.command->name) + " STREAM... " + one + " ...");
    }
  }
  return read_selection(options);
}

Result<Id> last_id(Store& store, const std::string& stream) {
  const auto info = store.run(XinfoStream{stream});
  if (info) {
    return info->last_generated_id;
  }
  if (info.error().failure == Failure::refused) {
    return kMinId;
  }
  return tl::unexpected<Error>(info.error());
}

namespace {

// What was read of a page: how many entries, the ID of the last, and how many are shown.
struct PageRead {
  std::size_t count = 0;
  Id end;
  std::size_t shown = 0;
};

// `read_page` gets the range of a page and how many entries it may show, and shows them.
template <typename ReadPage>
Result<bool> each_page(Store& store, Xrange range, const Selection& selection, ReadPage&& read_page) {
  range.first = std::max(range.first, selection.first);
  range.last = std::min(range.last, selection.last);
  if (selection.newest) {
    WEIR_ASSIGN(const bool any, narrow_to_newest(store, range, *selection.newest,
                                                 [&](const Entry& entry) { return selection.fits(entry); }));
    if (!any) {
      return false;
    }
  }
  bool shown = false;
  bool end_fixed = range.reverse || selection.newest;
  std::optional<std::uint64_t> left = range.count;
  while (left != std::uint64_t{0}) {
    // With conditions, many entries of a page may be skipped, so a whole page is read.
    range.count = selection.where.empty() ? std::min(kPage, left.value_or(kPage)) : kPage;
    WEIR_ASSIGN(const PageRead page, read_page(range, left));
    shown = shown || page.shown > 0;
    if (left) {
      *left -= page.shown;
    }
    if (page.count < *range.count || left == std::uint64_t{0} || !go_on_behind(range, page.end)) {
      break;
    }
    if (!end_fixed) {
      WEIR_ASSIGN(const Id last, last_id(store, range.stream));
      range.last = std::min(range.last, last);
      end_fixed = true;
    }
  }
  return shown;
}

}  // namespace

Result<bool> each_selected(Store& store, Xrange range, const Selection& selection,
                           const std::function<Result<void>(const Entries& page)>& see) {
  using Left = std::optional<std::uint64_t>;
  return each_page(store, std::move(range), selection, [&](const Xrange& part, Left left) -> Result<PageRead> {
    WEIR_ASSIGN(Entries page, store.run(part));
    if (page.entries.empty()) {
      return PageRead{};
    }
    PageRead read{page.entries.size(), page.entries.back().id};
    selection.filter(page);
    page.entries.resize(std::min<std::uint64_t>(page.entries.size(), left.value_or(kMaxPart)));
    read.shown = page.entries.size();
    WEIR_TRY(see(page));
    return read;
  });
}

Result<bool> each_packed(Store& store, Packing& packing, Xrange range, const Selection& selection,
                         const std::function<Result<void>(const PackedEntries& page)>& see) {
  using Left = std::optional<std::uint64_t>;
  PackedEntries page;
  return each_page(store, std::move(range), selection, [&](const Xrange& part, Left) -> Result<PageRead> {
    WEIR_ASSIGN(const std::size_t count, packing.pack(part, page));
    if (count == 0) {
      return PageRead{};
    }
    WEIR_TRY(see(page));
    return PageRead{count, page.end(), count};
  });
}

}  // namespace weir::cli
