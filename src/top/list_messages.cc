// Lists of consumers, pending messages, dead letters, and messages.
#include <algorithm>

#include "top/cells.h"
#include "top/listing.h"

namespace weir::top {
namespace {

/// `to=ann@example.com subject=Hello`, cut at the length that a line can have.
std::string in_a_line(const Fields& fields) {
  constexpr std::size_t kEnough = 4 * kLongestCell;  // enough that no character on the screen is cut
  std::string text;
  fields.each([&](std::string_view name, std::string_view value) {
    if (text.size() < kEnough) {
      text += text.empty() ? "" : " ";
      text += name.substr(0, kEnough);
      text += '=';
      text += value.substr(0, kEnough);
    }
  });
  return text;
}

io::Cell id_cell(Id id) {
  return io::Cell(to_string(id));
}

io::Cell appended(Id id, const Now& now) {
  return age(report::age_of(id, now.wall));
}

/// Sorts rows in the order of the store.
double as_found(std::size_t row) {
  return -static_cast<double>(row);
}

/// Whether the filter matches what is shown.
auto matches_cells(const Listing& listing) {
  return [cells = listing.cells](std::size_t row, std::string_view filter) {
    return std::ranges::any_of(cells(row), [&](const io::Cell& cell) { return filter_fits(filter, cell.text.text); });
  };
}

Listing list_seen_entries(const Model& model, const char* empty) {
  Listing listing;
  listing.empty = empty;
  const FoundPlace* place = model.place();
  if (place != nullptr) {
    const auto& entries = place->entries;
    listing.count = entries.size();
    listing.key = [&entries](std::size_t row) { return to_string(entries[row].entry.id); };
    listing.orders = {{"age", as_found}};
  }
  return listing;
}

}  // namespace

Listing list_consumers(const Model& model, const Now& now) {
  Listing listing;
  listing.columns = {
      {"CONSUMER", false, 0, true}, {"PENDING", true, 0}, {"ASKED", true, 1}, {"GOT SOMETHING", true, 2}};
  listing.empty = "It has no consumer now.";
  const FoundPlace* place = model.place();
  if (place == nullptr) {
    return listing;
  }
  const auto& consumers = place->consumers;
  listing.count = consumers.size();
  listing.key = [&consumers](std::size_t row) { return consumers[row].name; };
  listing.orders = {
      {"name", {}},
      {"pending", [&consumers](std::size_t row) { return static_cast<double>(consumers[row].pending); }},
      {"asked", [&consumers](std::size_t row) { return static_cast<double>(consumers[row].idle.count()); }},
  };
  listing.cells = [&consumers, place, now](std::size_t row) -> std::vector<io::Cell> {
    const ConsumerInfo& consumer = consumers[row];
    const Millis since = passed(place->at, now);
    return {words(consumer.name), number(consumer.pending), age(consumer.idle + since),
            consumer.inactive ? age(*consumer.inactive + since) : faint(consumer.activity_told ? "never" : "-")};
  };
  listing.matches = matches_cells(listing);
  return listing;
}

Listing list_pending(const Model& model, const Place& of, const Now& now) {
  Listing listing;
  listing.columns = {{"ID", false, 0},  {"AGE", true, 3},  {"CONSUMER", false, 1, true},
                     {"HELD", true, 0}, {"RUNS", true, 2}, {"", false, 4, true}};
  listing.empty = of.consumer.empty() ? "Nothing is pending." : "It holds nothing.";
  const FoundPlace* place = model.place();
  if (place == nullptr) {
    return listing;
  }
  const auto& pending = place->pending;
  listing.count = pending.size();
  listing.key = [&pending](std::size_t row) { return to_string(pending[row].id); };
  listing.orders = {
      {"id", as_found},
      {"held", [&pending](std::size_t row) { return static_cast<double>(pending[row].idle.count()); }},
      {"runs", [&pending](std::size_t row) { return static_cast<double>(pending[row].deliveries); }},
  };
  listing.cells = [&pending, place, now](std::size_t row) -> std::vector<io::Cell> {
    const PendingEntry& entry = pending[row];
    const Millis since = passed(place->at, now);
    std::vector<io::Cell> cells{id_cell(entry.id), appended(entry.id, now)};
    std::string note;
    if (entry.released) {
      const Millis left = entry.released->left;
      cells.push_back(faint("nobody"));
      cells.push_back(faint());
      note = left == kWaitsForAnother ? "in turn" : left <= since ? "due now" : "due " + io::due_text(left - since);
    } else {
      cells.push_back(words(entry.consumer));
      cells.push_back(age(entry.idle + since));
    }
    if (entry.laters > 0) {
      note += (note.empty() ? "" : ", ") + std::to_string(entry.laters) + " times for later";
    }
    cells.push_back(number(entry.deliveries));
    cells.push_back(io::Cell(std::move(note), io::Ink::faint));
    return cells;
  };
  listing.matches = matches_cells(listing);
  return listing;
}

Listing list_dead(const Model& model, const Now& now) {
  Listing listing = list_seen_entries(model, "No message of it has died.");
  listing.columns = {{"DIED", true, 0}, {"REASON", false, 0, true}, {"GROUP", false, 3, true},
                     {"RUNS", true, 4}, {"MESSAGE", false, 2},      {"", false, 5, true}};
  const FoundPlace* place = model.place();
  if (place == nullptr) {
    return listing;
  }
  const auto& entries = place->entries;
  listing.cells = [&entries, now](std::size_t row) -> std::vector<io::Cell> {
    const SeenEntry& seen = entries[row];
    if (!seen.letter) {
      return {appended(seen.entry.id, now),
              faint("(no dead letter)"),
              faint(),
              faint(),
              faint(),
              seen.entry.fields ? words(in_a_line(*seen.entry.fields)) : faint()};
    }
    const worker::DeadLetter& letter = *seen.letter;
    return {appended(seen.entry.id, now), words(letter.death.reason),
            words(letter.death.group),    number(letter.death.deliveries),
            id_cell(letter.id),           words(in_a_line(letter.original), io::Ink::faint)};
  };
  listing.more = [&entries](std::size_t row) {
    if (!entries[row].letter) {
      return std::string();
    }
    const worker::Death& death = entries[row].letter->death;
    return death.reason + (death.last_lines.empty() ? "" : ": " + death.last_lines);
  };
  listing.matches = matches_cells(listing);
  return listing;
}

Listing list_entries(const Model& model, const Now& now) {
  Listing listing = list_seen_entries(model, "It has no messages.");
  listing.columns = {{"ID", false, 1}, {"AGE", true, 0}, {"FIELDS", false, 0, true}};
  const FoundPlace* place = model.place();
  if (place == nullptr) {
    return listing;
  }
  const auto& entries = place->entries;
  listing.cells = [&entries, now](std::size_t row) -> std::vector<io::Cell> {
    const Entry& entry = entries[row].entry;
    return {id_cell(entry.id), appended(entry.id, now), entry.fields ? words(in_a_line(*entry.fields)) : faint()};
  };
  listing.matches = matches_cells(listing);
  return listing;
}

Listing list_delayed(const Model& model, const Now& now) {
  Listing listing;
  listing.columns = {{"HANDLE", false, 1}, {"DUE", true, 0}, {"FIELDS", false, 0, true}};
  listing.empty = "No message is to be appended to it later.";
  const FoundPlace* place = model.place();
  if (place == nullptr) {
    return listing;
  }
  const auto& delayed = place->delayed;
  listing.count = delayed.size();
  listing.key = [&delayed](std::size_t row) { return to_string(delayed[row].handle); };
  listing.orders = {{"due", as_found}};
  listing.cells = [&delayed, place, now](std::size_t row) -> std::vector<io::Cell> {
    const DelayedMessage& message = delayed[row];
    return {io::Cell(to_string(message.handle)), io::Cell(io::due_text(message.left - passed(place->at, now))),
            words(in_a_line(message.fields))};
  };
  listing.matches = matches_cells(listing);
  return listing;
}

Listing list(const Model& model, const Place& place, const Now& now) {
  switch (place.kind) {
    case Kind::streams:
      return list_streams(model, now);
    case Kind::groups:
      return list_groups(model, now);
    case Kind::dead:
      return list_dead(model, now);
    case Kind::entries:
      return list_entries(model, now);
    case Kind::delayed:
      return list_delayed(model, now);
    case Kind::pending:
      return list_pending(model, place, now);
    case Kind::consumers:
      return list_consumers(model, now);
    case Kind::message:
      break;
  }
  return {};
}

}  // namespace weir::top
