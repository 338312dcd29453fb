// Draws the view, line by line.
#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "top/app.h"
#include "top/cells.h"
#include "top/message_text.h"

namespace weir::top {
namespace {

constexpr std::size_t kLongestName = 40;  ///< in a line with other text

std::string name_of(Kind kind) {
  switch (kind) {
    case Kind::streams:
      return "streams";
    case Kind::groups:
      return "groups";
    case Kind::dead:
      return "dead letters";
    case Kind::entries:
      return "messages";
    case Kind::delayed:
      return "delayed";
    case Kind::pending:
      return "pending";
    case Kind::consumers:
      return "consumers";
    case Kind::message:
      break;
  }
  return "message";
}

/// How many rows there are, if that is known.
std::optional<std::uint64_t> count_of(Kind kind, const FoundPlace* found) {
  if (found == nullptr || !found->stream) {
    return std::nullopt;
  }
  const SeenStream& stream = *found->stream;
  const auto group = std::ranges::find(stream.queue.groups, found->place.group, &report::GroupQueue::name);
  const bool has_group = group != stream.queue.groups.end();
  switch (kind) {
    case Kind::groups:
      return stream.queue.groups.size();
    case Kind::dead:
      return stream.queue.dead;
    case Kind::entries:
      return stream.queue.length;
    case Kind::delayed:
      return stream.queue.delayed.count;
    case Kind::pending:
      return has_group ? std::optional(group->pending) : std::nullopt;
    case Kind::consumers:
      return has_group ? std::optional(group->consumers) : std::nullopt;
    default:
      return std::nullopt;
  }
}

std::string rate_text(double rate) {
  return rate_cell(rate).text.text;
}

/// Puts pieces side by side while there is room; the most important pieces come first.
Line as_many(std::vector<io::Cell> pieces, std::size_t width, std::size_t gap) {
  Line line;
  std::size_t used = 0;
  for (io::Cell& piece : pieces) {
    const std::size_t before = used == 0 ? 0 : gap;
    if (used + before + piece.text.width > width) {
      continue;
    }
    used += before + piece.text.width;
    if (before > 0) {
      line.cells.push_back(blanks(before));
    }
    line.cells.push_back(std::move(piece));
  }
  return line;
}

constexpr std::array<std::pair<const char*, const char*>, 15> kHelp{{
    {"↑ ↓  k j", "one row up, down"},
    {"PgUp PgDn", "a page; Home End g G: first, last"},
    {"Enter →  l", "into the stream, group, message"},
    {"Esc ←  h q", "back"},
    {"q", "at the streams: end; Q: end from anywhere"},
    {"Tab", "the next list: groups, dead letters, messages …"},
    {"s S", "sort by the next column; the other way round"},
    {"/", "filter: what is typed, or a glob (*, ?); Esc ends it"},
    {"p Space", "pause the view, and go on"},
    {"r", "requeue a dead letter; at the streams: all of one"},
    {"R", "requeue all dead letters of the stream"},
    {"a", "acknowledge a pending message"},
    {"n", "give a pending message back (nack)"},
    {"P", "pause the group, resume it"},
    {"", "r, R, a, n and P ask first: y does it."},
}};

}  // namespace

Line App::title(const Now& now) const {
  std::string path = " weir top";
  const Place& at = place();
  io::TerminalText left{path, path.size()};
  const auto add = [&](const char* before, std::string_view bytes) {
    const io::TerminalText text = io::visible(bytes, kLongestName);
    left.text += before + text.text;
    left.width += 3 + text.width;
    left.doubtful = left.doubtful || text.doubtful;
  };
  if (at.kind == Kind::streams) {
    add(" · ", options_.database);
  } else {
    add(" · ", at.stream);
    for (const std::string* part : {&at.group, &at.consumer}) {
      if (!part->empty()) {
        add(" › ", *part);
      }
    }
    if (at.kind == Kind::message) {
      add(" › ", to_string(at.id));
    }
  }
  std::string right = (paused_ ? "PAUSED " : "") + io::time_text(now.wall, now.wall, false, false) + " ";
  Line line = line_of(io::Cell(io::cut(left, size_.width), io::Ink::strong),
                      io::Cell(std::move(right), paused_ ? io::Ink::alarm : io::Ink::plain), size_.width);
  line.fill = Line::Fill::bar;
  return line;
}

Line App::summary(const Now& now) {
  if (!model_.looked()) {
    return {};
  }
  if (!totals_ || now.steady - totals_->at >= std::chrono::seconds(1)) {
    Totals totals{.at = now.steady};
    for (const SeenStream& stream : model_.streams()) {
      const Rates* rates = model_.rates(stream.queue.name);
      totals.in += rates->in.per_second(now.steady).value_or(0);
      totals.out += rates->out_per_second(now.steady).value_or(0);
      totals.waiting += stream.queue.known_waiting();
      totals.pending += stream.queue.pending();
      totals.dead += stream.queue.dead;
      totals.stuck += stream.stuck ? 1 : 0;
      totals.all_known = totals.all_known && stream.deep;
    }
    totals_ = totals;
  }
  const std::size_t count = model_.streams().size();
  std::vector<io::Cell> pieces;
  pieces.emplace_back(fmt::format("{} stream{}", count, count == 1 ? "" : "s"));
  pieces.emplace_back(fmt::format("{} waiting", totals_->waiting), io::Ink::strong);
  if (totals_->dead > 0) {
    pieces.emplace_back(fmt::format("{} dead", totals_->dead), io::Ink::alarm);
  }
  if (totals_->stuck > 0 && totals_->all_known) {
    pieces.emplace_back(fmt::format("{} stuck", totals_->stuck), io::Ink::alarm);
  }
  pieces.emplace_back(fmt::format("{} pending", totals_->pending));
  pieces.emplace_back(fmt::format("in {}", rate_text(totals_->in)));
  pieces.emplace_back(fmt::format("out {}", rate_text(totals_->out)));
  return as_many(std::move(pieces), size_.width, 2);
}

Line App::tab_line() const {
  std::vector<io::Cell> pieces;
  const FoundPlace* found = has_news_of_place() ? model_.place() : nullptr;
  for (const Kind kind : tabs()) {
    const auto count = count_of(kind, found);
    std::string text = name_of(kind) + (count ? " " + std::to_string(*count) : "");
    const bool is_here = kind == place().kind;
    text.insert(0, is_here ? "[" : " ");
    text += is_here ? "]" : " ";
    const bool alarm = kind == Kind::dead && count.value_or(0) > 0;
    pieces.emplace_back(std::move(text), is_here ? io::Ink::strong : alarm ? io::Ink::alarm : io::Ink::faint);
  }
  return as_many(std::move(pieces), size_.width, 1);
}

Line App::below(const Listing& listing) const {
  const auto cell = [&](std::string_view text, io::Ink ink) {
    return line_of(io::Cell(io::visible(text, size_.width), ink));
  };
  if (asking_) {
    constexpr std::string_view kAnswers = " [y/N] ";
    const std::size_t room = size_.width > kAnswers.size() ? size_.width - kAnswers.size() : 0;
    Line line = line_of(io::Cell(io::visible(question(*asking_), room), io::Ink::strong));
    line.cells.emplace_back(std::string(kAnswers), io::Ink::strong);
    line.fill = Line::Fill::bar;
    return line;
  }
  if (typing_) {
    Line line = line_of(io::Cell(io::visible("/" + here().filter, size_.width > 1 ? size_.width - 1 : 1)));
    line.fill = Line::Fill::bar;
    return line;
  }
  if (said_) {
    return cell(said_->text, said_->failed ? io::Ink::alarm : io::Ink::strong);
  }
  if (trouble_) {
    return cell(trouble_->message + " (trying again)", io::Ink::alarm);
  }
  if (place().kind != Kind::message && here().size() > 0 && listing.more) {
    const std::size_t row = here().row(here().cursor());
    const bool stuck = place().kind <= Kind::groups && listing.cells(row).front().ink == io::Ink::alarm;
    return cell(listing.more(row), stuck ? io::Ink::alarm : io::Ink::faint);
  }
  return {};
}

Line App::keys_line() const {
  std::vector<io::Cell> pieces;
  const auto add = [&](const char* key, const char* what) {
    pieces.emplace_back(std::string(key) + " " + what, io::Ink::faint);
  };
  if (asking_) {
    add("y", "do it");
    add("any other key", "leave it");
    return as_many(std::move(pieces), size_.width, 2);
  }
  if (typing_) {
    add("Enter", "keep the filter");
    add("Esc", "no filter");
    return as_many(std::move(pieces), size_.width, 2);
  }
  const FoundPlace* found = has_news_of_place() ? model_.place() : nullptr;
  const Kind kind = place().kind;
  const bool pending = found != nullptr && !found->pending.empty();
  add("?", "help");
  add(views_.size() > 1 ? "Esc" : "q", views_.size() > 1 ? "back" : "quit");
  if (kind != Kind::message && kind != Kind::delayed && here().size() > 0) {
    add("Enter", "open");
  }
  if (!tabs().empty()) {
    add("Tab", "next list");
  }
  if (pending) {
    add("a", "ack");
    add("n", "nack");
  }
  if (about_letter(kind == Kind::streams)) {
    add("r", kind == Kind::streams ? "requeue dead" : "requeue");
  }
  if ((kind == Kind::dead || kind == Kind::groups) && about_letter(true)) {
    add("R", "requeue all");
  }
  if (kind == Kind::groups || !place().group.empty()) {
    if (const auto action = found != nullptr ? about_group({found->at, {}}) : std::nullopt) {
      add("P", action->what == Action::Do::pause ? "pause group" : "resume group");
    }
  }
  if (kind != Kind::message) {
    add("/", "filter");
    add("s", "sort");
  }
  add("p", paused_ ? "go on" : "freeze");
  return as_many(std::move(pieces), size_.width, 2);
}

std::vector<Line> App::help_lines() const {
  std::vector<Line> lines;
  for (const auto& [keys, what] : kHelp) {
    constexpr std::size_t kKeys = 11;
    io::Cell cell(io::visible(keys), io::Ink::strong);
    const std::size_t blank = cell.text.width < kKeys ? kKeys - cell.text.width : 1;
    Line line = line_of(std::move(cell));
    line.cells.push_back(blanks(blank));
    line.cells.push_back(words(what));
    lines.push_back(std::move(line));
  }
  return lines;
}

void App::add_rows(Frame& frame, const Listing& listing, std::size_t height) {
  View& view = here();
  view.fit(height);
  const bool known = place().kind == Kind::streams ? model_.looked() : has_news_of_place();
  if (view.size() == 0) {
    const bool filtered = listing.count > 0;
    frame.lines.push_back(line_of(faint(!known ? "Looking …" : filtered ? "Nothing fits the filter." : listing.empty)));
    return;
  }
  const std::size_t end = std::min(view.size(), view.first() + height);
  std::vector<std::vector<io::Cell>> rows;
  view.widths.resize(listing.columns.size(), 0);
  for (std::size_t i = 0; i < listing.columns.size(); ++i) {
    view.widths[i] = std::max(view.widths[i], listing.columns[i].title.size());
  }
  for (std::size_t at = view.first(); at < end; ++at) {
    rows.push_back(listing.cells(view.row(at)));
    for (std::size_t i = 0; i < rows.back().size(); ++i) {
      view.widths[i] = std::max(view.widths[i], rows.back()[i].text.width);
    }
  }
  const Layout layout(listing.columns, view.widths, size_.width);
  if (size_.height >= 4) {
    frame.lines.push_back(layout.heading());
  }
  for (std::size_t at = view.first(); at < end; ++at) {
    frame.lines.push_back(layout.row(rows[at - view.first()]));
    if (at == view.cursor()) {
      frame.lines.back().fill = Line::Fill::selected;
    }
  }
}

void App::add_message(Frame& frame, const Now& now, std::size_t height) {
  if (!has_news_of_place()) {
    frame.lines.push_back(line_of(faint("Looking …")));
    return;
  }
  if (!body_known_ || body_width_ != size_.width) {
    body_ = message_body(*model_.place(), size_.width);
    body_width_ = size_.width;
    body_known_ = true;
  }
  const std::vector<Line> head = message_head(*model_.place(), now, size_.width);
  const std::size_t all = head.size() + body_.size();
  std::size_t& first = here().line;
  first = std::min(first, all > height ? all - height : 0);
  for (std::size_t at = first; at < std::min(all, first + height); ++at) {
    frame.lines.push_back(at < head.size() ? head[at] : body_[at - head.size()]);
  }
}

Frame App::frame(const Now& real) {
  const Now now = paused_.value_or(real);
  arrange_if_needed(now);
  const Listing listing = list(model_, place(), now);
  const std::size_t height = std::max<std::size_t>(size_.height, 1);
  const bool is_message = place().kind == Kind::message;
  const bool needs_below = asking_ || typing_ || said_ || trouble_;
  if (height == 1 && needs_below) {
    return {{below(listing)}, typing_ ? std::optional<std::size_t>(0) : std::nullopt};
  }
  const bool has_title = height >= (needs_below ? 3 : 2);
  const bool has_keys = height >= (needs_below ? 4 : 3);
  const bool has_heading = height >= 4 && !is_message && !helping_;
  const bool has_below = height >= 5 || needs_below;
  const bool has_summary = height >= 7 && !is_message && !helping_;
  const std::size_t others = static_cast<std::size_t>(has_title) + static_cast<std::size_t>(has_keys) +
                             static_cast<std::size_t>(has_heading) + static_cast<std::size_t>(has_below) +
                             static_cast<std::size_t>(has_summary);
  page_ = height > others ? height - others : 1;
  Frame frame;
  if (has_title) {
    frame.lines.push_back(title(now));
  }
  if (has_summary) {
    Line line = tabs().empty() ? summary(now) : tab_line();
    std::size_t used = 0;
    for (const io::Cell& cell : line.cells) {
      used += cell.text.width;
    }
    std::string order = here().order() < listing.orders.size() ? "by " + listing.orders[here().order()].title : "";
    order += here().reversed() ? " reversed" : "";
    io::TerminalText right =
        io::visible(here().filter.empty() ? order : "/" + here().filter + "  " + order, kLongestName);
    if (used + right.width + 2 <= size_.width) {
      line.cells.push_back(blanks(size_.width - used - right.width));
      line.cells.emplace_back(std::move(right), io::Ink::faint);
    }
    frame.lines.push_back(std::move(line));
  }
  const std::size_t body_begin = frame.lines.size();
  if (helping_) {
    std::vector<Line> lines = help_lines();
    help_line_ = std::min(help_line_, lines.size() > page_ ? lines.size() - page_ : 0);
    for (std::size_t at = help_line_; at < std::min(lines.size(), help_line_ + page_); ++at) {
      frame.lines.push_back(std::move(lines[at]));
    }
  } else if (is_message) {
    add_message(frame, now, page_);
  } else {
    add_rows(frame, listing, page_);
  }
  frame.lines.resize(body_begin + page_ + static_cast<std::size_t>(has_heading));
  if (has_below) {
    if (typing_) {
      frame.typed_line = frame.lines.size();
    }
    frame.lines.push_back(below(listing));
  }
  if (has_keys) {
    frame.lines.push_back(keys_line());
  }
  frame.lines.resize(std::min(frame.lines.size(), height));
  return frame;
}

}  // namespace weir::top
