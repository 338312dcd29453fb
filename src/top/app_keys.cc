// The effects of keys.
#include <algorithm>

#include "text/utf8.h"
#include "top/app.h"
#include "top/cells.h"

namespace weir::top {
namespace {

bool is(const Key& key, char letter) {
  return key.name == Key::Name::character && key.character == static_cast<char32_t>(letter);
}

}  // namespace

bool App::press(Key key, const Now& now) {
  said_.reset();
  if (asking_) {
    press_answer(key);
    return true;
  }
  if (typing_) {
    press_filter(key);
    arrange_if_needed(now);
    return true;
  }
  if (helping_) {
    if (key.name == Key::Name::up || key.name == Key::Name::down || is(key, 'j') || is(key, 'k')) {
      const bool down = key.name == Key::Name::down || is(key, 'j');
      help_line_ = down ? help_line_ + 1 : std::max<std::size_t>(help_line_, 1) - 1;
    } else {
      helping_ = false;
    }
    return true;
  }
  const bool go_on = press_plain(key, now);
  arrange_if_needed(now);
  return go_on;
}

bool App::press_plain(Key key, const Now& now) {
  using enum Key::Name;
  switch (key.name) {
    case up:
    case down:
    case page_up:
    case page_down:
    case home:
    case end:
      move(key.name);
      return true;
    case enter:
    case right:
      go_into();
      return true;
    case left:
    case escape:
    case backspace:
      if (key.name == escape && !here().filter.empty()) {
        here().filter.clear();
        changed_ = true;
      } else {
        go_back();
      }
      return true;
    case tab:
      change_tab(1);
      return true;
    case back_tab:
      change_tab(-1);
      return true;
    case character:
      return press_letter(key.character, now);
    case other:
      break;
  }
  return true;
}

bool App::press_letter(char32_t letter, const Now& now) {
  using enum Key::Name;
  switch (letter) {
    case 'q':
      return go_back();
    case 'Q':
      return false;
    case 'j':
      move(down);
      break;
    case 'k':
      move(up);
      break;
    case 'g':
      move(home);
      break;
    case 'G':
      move(end);
      break;
    case 'l':
      go_into();
      break;
    case 'h':
      go_back();
      break;
    case 's':
    case 'S':
      if (letter == 's') {
        here().next_order(list(model_, place(), now));
      } else {
        here().reverse();
      }
      changed_ = true;
      break;
    case '/':
      typing_ = place().kind != Kind::message;
      break;
    case 'p':
    case ' ':
      pause(now);
      break;
    case '?':
      helping_ = true;
      help_line_ = 0;
      break;
    case 'a':
      ask(about_message(Action::Do::ack), "a acknowledges a pending message: choose one");
      break;
    case 'n':
      ask(about_message(Action::Do::nack), "n gives a pending message back: choose one");
      break;
    case 'P':
      ask(about_group(now), "P pauses a group: choose one");
      break;
    case 'r':
      ask(about_letter(place().kind == Kind::streams), "r requeues dead letters: there are none here");
      break;
    case 'R':
      ask(about_letter(true), "R requeues all dead letters of a stream: there are none here");
      break;
    default:
      break;
  }
  return true;
}

void App::press_filter(Key key) {
  using enum Key::Name;
  std::string& filter = here().filter;
  changed_ = true;
  if (key.name == character) {
    constexpr std::size_t kLongest = 200;
    if (key.character >= ' ' && filter.size() < kLongest) {
      append_utf8(filter, key.character);
    }
  } else if (key.name == backspace) {
    while (!filter.empty()) {
      const auto last = static_cast<unsigned char>(filter.back());
      filter.pop_back();
      if ((last & 0xc0U) != 0x80U) {
        break;
      }
    }
  } else if (key.name == escape) {
    filter.clear();
    typing_ = false;
  } else if (key.name == up || key.name == down) {
    move(key.name);
  } else {
    typing_ = false;
  }
}

void App::press_answer(Key key) {
  if (is(key, 'y') || is(key, 'Y')) {
    action_ = std::exchange(asking_, std::nullopt);
    said_ = Said{"…", false};
  } else {
    asking_.reset();
    said_ = Said{"nothing was done", false};
  }
}

void App::move(Key::Name name) {
  using enum Key::Name;
  const auto page = static_cast<std::ptrdiff_t>(page_);
  const std::ptrdiff_t by = name == up ? -1 : name == down ? 1 : name == page_up ? -page : page;
  if (place().kind == Kind::message) {
    // A value beyond the end is corrected when the frame is drawn.
    std::size_t& line = here().line;
    line = name == home ? 0
           : name == end
               ? body_.size() + page_
               : static_cast<std::size_t>(std::max<std::ptrdiff_t>(0, static_cast<std::ptrdiff_t>(line) + by));
    return;
  }
  if (name == home || name == end) {
    here().move_to(name == home ? 0 : here().size());
  } else {
    here().move(by);
  }
  if (has_news_of_place()) {
    here().ask_for_more(model_.place()->more);
  }
}

std::optional<std::size_t> App::selected_row() const {
  const bool known = place().kind == Kind::streams || has_news_of_place();
  return known && here().size() > 0 ? std::optional(here().row(here().cursor())) : std::nullopt;
}

void App::go_to(Place place) {
  views_.emplace_back(std::move(place));
  model_.forget_place();
  body_known_ = false;
  changed_ = true;
}

void App::go_into() {
  const auto row = selected_row();
  if (!row) {
    return;
  }
  Place next = place();
  switch (next.kind) {
    case Kind::streams:
      next.kind = Kind::groups;
      next.stream = model_.streams()[*row].queue.name;
      break;
    case Kind::groups:
      next.kind = Kind::pending;
      next.group = model_.place()->stream->queue.groups[*row].name;
      break;
    case Kind::consumers:
      next.kind = Kind::pending;
      next.consumer = model_.place()->consumers[*row].name;
      break;
    case Kind::pending:
      next.kind = Kind::message;
      next.consumer.clear();
      next.id = model_.place()->pending[*row].id;
      break;
    case Kind::dead:
      next.stream = model_.place()->dead_stream;
      [[fallthrough]];
    case Kind::entries:
      next.kind = Kind::message;
      next.id = model_.place()->entries[*row].entry.id;
      break;
    case Kind::delayed:
    case Kind::message:
      return;
  }
  go_to(std::move(next));
}

bool App::go_back() {
  if (views_.size() == 1) {
    return false;
  }
  views_.pop_back();
  model_.forget_place();
  body_known_ = false;
  changed_ = true;
  return true;
}

std::vector<Kind> App::tabs() const {
  switch (place().kind) {
    case Kind::groups:
    case Kind::dead:
    case Kind::entries:
    case Kind::delayed:
      return {Kind::groups, Kind::dead, Kind::entries, Kind::delayed};
    case Kind::pending:
    case Kind::consumers:
      return place().consumer.empty() ? std::vector{Kind::pending, Kind::consumers} : std::vector<Kind>();
    case Kind::streams:
    case Kind::message:
      break;
  }
  return {};
}

void App::change_tab(int by) {
  const std::vector<Kind> kinds = tabs();
  const auto at = std::ranges::find(kinds, place().kind);
  if (at == kinds.end()) {
    return;
  }
  const auto count = static_cast<int>(kinds.size());
  Place next = place();
  next.kind = kinds[static_cast<std::size_t>((static_cast<int>(at - kinds.begin()) + by + count) % count)];
  views_.pop_back();
  go_to(std::move(next));
}

void App::ask(std::optional<Action> action, const char* why_not) {
  if (action) {
    asking_ = std::move(action);
  } else {
    said_ = Said{why_not, false};
  }
}

std::optional<Action> App::about_message(Action::Do what) const {
  if (!has_news_of_place() || model_.place()->pending.empty()) {
    return std::nullopt;
  }
  const auto row = place().kind == Kind::message ? std::optional<std::size_t>(0) : selected_row();
  if (!row) {
    return std::nullopt;
  }
  return Action{what, place().stream, place().group, {model_.place()->pending[*row].id}};
}

std::optional<Action> App::about_group(const Now& now) const {
  if (!has_news_of_place() || !model_.place()->stream) {
    return std::nullopt;
  }
  const SeenStream& stream = *model_.place()->stream;
  std::string name = place().group;
  if (place().kind == Kind::groups) {
    const auto row = selected_row();
    name = row ? stream.queue.groups[*row].name : "";
  }
  const auto group = std::ranges::find(stream.queue.groups, name, &report::GroupQueue::name);
  if (group == stream.queue.groups.end()) {
    return std::nullopt;
  }
  const auto what = is_paused(*group, stream.at, now) ? Action::Do::resume : Action::Do::pause;
  return Action{what, place().stream, name};
}

std::optional<Action> App::about_letter(bool all) const {
  const auto row = selected_row();
  const bool in_dead = place().kind == Kind::dead;
  if (all) {
    const SeenStream* stream = nullptr;
    if (place().kind == Kind::streams && row) {
      stream = &model_.streams()[*row];
    } else if (has_news_of_place() && model_.place()->stream && (in_dead || place().kind == Kind::groups)) {
      stream = &*model_.place()->stream;
    }
    if (stream == nullptr || stream->queue.dead == 0) {
      return std::nullopt;
    }
    return Action{.what = Action::Do::requeue, .stream = stream->queue.name, .letters = stream->queue.dead};
  }
  if (!has_news_of_place() || model_.place()->entries.empty()) {
    return std::nullopt;
  }
  const std::size_t at = place().kind == Kind::message ? 0 : row.value_or(model_.place()->entries.size());
  if (at >= model_.place()->entries.size() || !model_.place()->entries[at].letter) {
    return std::nullopt;
  }
  const SeenEntry& seen = model_.place()->entries[at];
  return Action{.what = Action::Do::requeue,
                .stream = seen.letter->stream,
                .ids = {seen.entry.id},
                .dead_stream = in_dead ? model_.place()->dead_stream : place().stream};
}

void App::pause(const Now& now) {
  if (paused_) {
    paused_.reset();
  } else {
    paused_ = now;
  }
}

}  // namespace weir::top
