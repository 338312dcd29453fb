#include "io/table/table.h"

#include <algorithm>
#include <variant>

#include "io/table/table_entries.h"
#include "io/table/table_extra.h"
#include "io/table/table_time.h"

namespace weir::io {
namespace {

using Align = Grid::Align;
using Fit = Grid::Fit;

class TableWriter {
 public:
  TableWriter(std::string& out, const TableStyle& style) : out_(out), style_(style) {}

  void operator()(const Ok&) { line("OK"); }
  void operator()(const Status& status) { line(visible(status.text).text); }
  void operator()(const Count& count) { line(std::to_string(count.value)); }
  void operator()(const Outcomes& outcomes) {
    for (const Outcomes::Outcome outcome : outcomes.outcomes) {
      line(outcome == Outcomes::Outcome::absent    ? "absent"
           : outcome == Outcomes::Outcome::removed ? "removed"
                                                   : "referenced");
    }
  }
  void operator()(const MaybeId& id) {
    if (id) {
      line(to_string(*id));
    }
  }
  void operator()(const Entries& entries) { EntryTable(style_, false).add(out_, entries, style_.now); }
  void operator()(const StreamEntries& streams) {
    EntryTable(style_, streams.size() > 1).add(out_, streams, style_.now);
  }
  void operator()(const Claimed& claimed) {
    if (!claimed.just_id) {
      EntryTable(style_, false).add(out_, Entries{claimed.stream, claimed.entries}, style_.now);
      return;
    }
    for (const Entry& entry : claimed.entries) {
      line(to_string(entry.id));
    }
  }
  void operator()(const AutoClaimed& claimed) {
    (*this)(claimed.claimed);
    for (const Id& id : claimed.deleted) {
      append_inked(out_, style_, Ink::alarm, to_string(id) + "  (deleted)");
      out_.push_back('\n');
    }
    if (claimed.cursor != kMinId) {
      append_inked(out_, style_, Ink::faint, "go on from " + to_string(claimed.cursor));
      out_.push_back('\n');
    }
  }
  void operator()(const PendingSummary& summary) {
    if (summary.count == 0) {
      line("nothing is pending");
      return;
    }
    line(std::to_string(summary.count) + " pending" +
         (summary.released > 0
              ? ", " + std::to_string(summary.released) + " of them held by nobody until the next delivery"
              : ""));
    if (summary.first && summary.last) {
      Grid ends(style_);
      ends.column("");
      ends.column("ID");
      time_columns(ends);
      for (const auto& [name, id] : {std::pair{"first", *summary.first}, std::pair{"last", *summary.last}}) {
        std::vector<Cell> cells{Cell(std::string(name), Ink::faint), Cell(to_string(id))};
        add_times(cells, id);
        ends.row(std::move(cells));
      }
      ends.write(out_);
    }
    if (summary.consumers.empty()) {
      return;
    }
    Grid grid(style_);
    grid.column("CONSUMER", Align::left, Fit::flexible);
    grid.column("PENDING", Align::right);
    for (const auto& consumer : summary.consumers) {
      grid.row({name(consumer.name), number(consumer.pending)});
    }
    out_.push_back('\n');
    grid.write(out_);
  }
  void operator()(const PendingEntries& pending) {
    Grid grid(style_);
    grid.column("ID");
    time_columns(grid);
    grid.column("CONSUMER", Align::left, Fit::flexible);
    grid.column("IDLE", Align::right);
    grid.column("TRY", Align::right);
    const bool any_released = add_release_columns(grid, pending.entries);
    const bool any_laters = std::ranges::any_of(pending.entries, [](const auto& entry) { return entry.laters > 0; });
    if (any_laters) {
      grid.column("LATERS", Align::right);
    }
    for (const PendingEntry& entry : pending.entries) {
      std::vector<Cell> cells{Cell(to_string(entry.id))};
      add_times(cells, entry.id);
      cells.push_back(entry.released ? none() : name(entry.consumer));
      cells.push_back(entry.released ? none() : Cell(age_text(entry.idle)));
      cells.push_back(number(entry.deliveries));
      if (any_released) {
        add_release(cells, entry.released);
      }
      if (any_laters) {
        cells.push_back(entry.laters > 0 ? number(entry.laters) : none());
      }
      grid.row(std::move(cells));
    }
    grid.write(out_);
  }
  void operator()(const StreamInfo& info) {
    Grid grid = properties();
    describe(grid, info);
    property(grid, "groups", number(info.groups));
    entry_property(grid, "first-entry", info.first_entry);
    entry_property(grid, "last-entry", info.last_entry);
    add_extra_rows(grid, info.extra, style_);
    grid.write(out_);
  }
  void operator()(const StreamDetails& details) {
    Grid grid = properties();
    describe(grid, details.info);
    property(grid, "groups", number(details.groups.size()));
    add_extra_rows(grid, details.info.extra, style_);
    grid.write(out_);
    if (!details.entries.empty()) {
      heading("Entries");
      EntryTable(style_, false).add(out_, Entries{{}, details.entries}, style_.now);
    }
    for (const auto& group : details.groups) {
      heading("Group " + visible(group.name, style_.width).text);
      describe(group);
    }
  }
  void operator()(const GroupInfos& groups) {
    Grid grid(style_);
    grid.column("GROUP", Align::left, Fit::flexible);
    grid.column("CONSUMERS", Align::right);
    grid.column("PENDING", Align::right);
    grid.column("LAG", Align::right);
    grid.column("READ", Align::right);
    grid.column("LAST DELIVERED");
    const bool any_released = std::ranges::any_of(groups.groups, [](const auto& group) { return group.released > 0; });
    if (any_released) {
      grid.column("RETRY", Align::right);
      grid.column("DUE", Align::right);
    }
    const bool any_paused =
        std::ranges::any_of(groups.groups, [](const auto& group) { return group.paused.has_value(); });
    if (any_paused) {
      grid.column("PAUSED", Align::right);
    }
    const ExtraColumns extra(groups.groups, style_);
    extra.add_to(grid);
    for (const GroupInfo& group : groups.groups) {
      std::vector<Cell> cells{name(group.name), number(group.consumers),   number(group.pending),
                              maybe(group.lag), maybe(group.entries_read), Cell(to_string(group.last_delivered_id))};
      if (any_released) {
        cells.push_back(number(group.released));
        cells.push_back(group.next_due ? due(*group.next_due) : none());
      }
      if (any_paused) {
        cells.push_back(group.paused ? pause(*group.paused) : none());
      }
      extra.add_cells(cells, group.extra);
      grid.row(std::move(cells));
    }
    grid.write(out_);
  }
  void operator()(const ConsumerInfos& consumers) {
    add_consumers("IDLE", "INACTIVE", consumers.consumers, [this](const ConsumerInfo& consumer) {
      return std::vector<Cell>{
          name(consumer.name), number(consumer.pending), Cell(age_text(consumer.idle)),
          consumer.inactive ? Cell(age_text(*consumer.inactive)) : no_activity(consumer.activity_told)};
    });
  }
  void operator()(const Names& names) {
    for (const std::string& text : names.names) {
      line(visible(text).text);
    }
  }
  void operator()(const Text& text) { out_.append(harmless_lines(text.bytes)).push_back('\n'); }
  void operator()(const HelpText& help) {
    std::for_each(help.lines.begin(), help.lines.end(), [this](const auto& text) { line(text); });
  }

 private:
  void line(std::string_view text) { out_.append(text).push_back('\n'); }

  void heading(std::string_view text) {
    out_.push_back('\n');
    append_inked(out_, style_, Ink::strong, text);
    out_.push_back('\n');
  }

  Cell name(std::string_view text) const { return Cell(value_text(text, style_.width)); }
  static Cell pause(const Pause& paused) { return Cell(paused.left ? "for " + age_text(*paused.left) : "yes"); }
  static Cell number(std::uint64_t value) { return Cell(std::to_string(value)); }
  static Cell maybe(std::optional<std::uint64_t> value) {
    return value ? number(*value) : Cell(std::string("?"), Ink::faint);
  }

  // Adds columns for the time and age of IDs.
  void time_columns(Grid& grid) const {
    grid.column(style_.utc ? "TIME (UTC)" : "TIME", Align::right);
    grid.column("AGE", Align::right);
  }
  void add_times(std::vector<Cell>& cells, Id id) const {
    const auto at = time_of(id);
    cells.emplace_back(at ? time_text(*at, style_.now, style_.utc, style_.narrow()) : "-", Ink::faint);
    cells.emplace_back(at && *at <= style_.now ? age_text(style_.now - *at) : "-", Ink::faint);
  }

  // A table of names and values, without headings.
  Grid properties() const {
    Grid grid(style_);
    grid.column("");
    grid.column("", Align::left, Fit::flexible);
    return grid;
  }
  static void property(Grid& grid, std::string name, Cell value) {
    grid.row({Cell(std::move(name), Ink::faint), std::move(value)});
  }
  void id_property(Grid& grid, std::string name, Id id) const {
    std::string text = to_string(id);
    if (const auto at = time_of(id)) {
      text += "  " + time_text(*at, style_.now, style_.utc, style_.narrow());
      text += *at <= style_.now ? " (" + age_text(style_.now - *at) + " ago)" : "";
    }
    property(grid, std::move(name), Cell(std::move(text)));
  }
  void entry_property(Grid& grid, std::string name, const std::optional<Entry>& entry) const {
    if (!entry) {
      property(grid, std::move(name), Cell(std::string("-"), Ink::faint));
      return;
    }
    id_property(grid, std::move(name), entry->id);
    if (entry->fields) {
      property(grid, "", Cell(pairs_text(entry->fields->pairs(), style_.width)));
    }
  }
  void describe(Grid& grid, const StreamInfo& info) const {
    property(grid, "length", number(info.length));
    property(grid, "entries-added", number(info.entries_added));
    id_property(grid, "recorded-first-entry-id", info.recorded_first_id);
    id_property(grid, "last-generated-id", info.last_generated_id);
    id_property(grid, "max-deleted-entry-id", info.max_deleted_id);
    // Most streams have no such keys, and nobody needs to read six zeros.
    if (const auto& keys = info.idempotence; keys && keys->added > 0) {
      each_figure(*keys, [&](const char* name, std::uint64_t value) { property(grid, name, number(value)); });
    }
  }
  /// `seen` and `active`: headings of the two times. `cells_of` returns the four cells of a consumer.
  template <typename Consumer, typename CellsOf>
  void add_consumers(const char* seen, const char* active, const std::vector<Consumer>& consumers, CellsOf cells_of) {
    Grid grid(style_);
    grid.column("CONSUMER", Align::left, Fit::flexible);
    for (const char* heading : {"PENDING", seen, active}) {
      grid.column(heading, Align::right);
    }
    const ExtraColumns extra(consumers, style_);
    extra.add_to(grid);
    for (const Consumer& consumer : consumers) {
      std::vector<Cell> cells = cells_of(consumer);
      extra.add_cells(cells, consumer.extra);
      grid.row(std::move(cells));
    }
    grid.write(out_);
  }
  void describe(const StreamDetails::Group& group) {
    Grid grid = properties();
    id_property(grid, "last-delivered-id", group.last_delivered_id);
    property(grid, "entries-read", maybe(group.entries_read));
    property(grid, "lag", maybe(group.lag));
    property(grid, "pending", number(group.pel_count));
    if (group.nacked_count.value_or(0) > 0) {
      property(grid, "retry", number(*group.nacked_count));
    }
    add_extra_rows(grid, group.extra, style_);
    grid.write(out_);
    out_.append(group.consumers.empty() ? "" : "\n");
    add_consumers("SEEN", "ACTIVE", group.consumers, [this](const StreamDetails::Consumer& consumer) {
      return std::vector<Cell>{
          name(consumer.name), number(consumer.pel_count), Cell(ago(consumer.seen_time)),
          consumer.active_time ? Cell(ago(*consumer.active_time)) : no_activity(consumer.activity_told)};
    });
    out_.append(group.pel.empty() ? "" : "\n");
    Grid pending(style_);
    pending.column("PENDING");
    pending.column("CONSUMER", Align::left, Fit::flexible);
    pending.column("DELIVERED", Align::right);
    pending.column("TRY", Align::right);
    const bool any_released = add_release_columns(pending, group.pel);
    for (const auto& entry : group.pel) {
      std::vector<Cell> cells{Cell(to_string(entry.id)), entry.released ? none() : name(entry.consumer),
                              entry.released ? none() : Cell(ago(entry.delivery_time)), number(entry.deliveries)};
      if (any_released) {
        add_release(cells, entry.released);
      }
      pending.row(std::move(cells));
    }
    pending.write(out_);
  }
  /// Adds a column for entries that nobody holds, if there are any.
  template <typename Pending>
  static bool add_release_columns(Grid& grid, const std::vector<Pending>& entries) {
    const bool any = std::ranges::any_of(entries, [](const auto& entry) { return entry.released.has_value(); });
    if (any) {
      grid.column("WAITED", Align::right);
      grid.column("DUE", Align::right);
    }
    return any;
  }
  static void add_release(std::vector<Cell>& cells, const std::optional<Released>& released) {
    cells.push_back(released ? Cell(age_text(released->waited)) : none());
    cells.push_back(released ? due(released->left) : none());
  }
  static Cell none() { return Cell(std::string("-"), Ink::faint); }
  static Cell no_activity(bool told) { return Cell(std::string(told ? "never" : "?"), Ink::faint); }
  static Cell due(std::chrono::milliseconds left) { return Cell(due_text(left)); }
  std::string ago(UnixMs time) const { return age_text(style_.now - time) + " ago"; }

  std::string& out_;
  const TableStyle& style_;
};

}  // namespace

void write_table(std::string& out, const Reply& reply, const TableStyle& style) {
  std::visit(TableWriter(out, style), reply);
}

}  // namespace weir::io
