// The whole view, without a screen. Keys and news go in; frames, wishes what to look at, and actions come out.
#pragma once

#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "top/action.h"
#include "top/frame.h"
#include "top/key.h"
#include "top/lookout.h"
#include "top/model.h"
#include "top/view.h"

namespace weir::top {

struct AppOptions {
  std::string database;    ///< the name to show
  std::string order = {};  ///< the title of the column by which streams are sorted
};

/// Reads no clock: each call gets the time. Threads: one.
class App {
 public:
  explicit App(AppOptions options);

  void resize(Size size) { size_ = size; }
  void take(News news, const Now& now);
  /// False: the program is to end.
  bool press(Key key, const Now& now);

  Frame frame(const Now& now);
  /// What the store is to be asked for, after the last frame.
  Want want() const;
  /// The action that the user has confirmed; returned once.
  std::optional<Action> take_action() { return std::exchange(action_, std::nullopt); }

 private:
  View& here() { return views_.back(); }
  const View& here() const { return views_.back(); }
  const Place& place() const { return views_.back().place(); }

  // app_keys.cc
  bool press_plain(Key key, const Now& now);
  bool press_letter(char32_t letter, const Now& now);
  void press_filter(Key key);
  void press_answer(Key key);
  void move(Key::Name name);
  void go_into();
  bool go_back();
  void go_to(Place place);
  void change_tab(int by);
  std::vector<Kind> tabs() const;
  void ask(std::optional<Action> action, const char* why_not);
  std::optional<Action> about_message(Action::Do what) const;
  std::optional<Action> about_group(const Now& now) const;
  std::optional<Action> about_letter(bool all) const;
  std::optional<std::size_t> selected_row() const;
  void pause(const Now& now);

  // app.cc
  void arrange_if_needed(const Now& now);
  bool has_news_of_place() const { return model_.place() != nullptr && model_.place()->place == place(); }

  // app_frame.cc
  Line title(const Now& now) const;
  Line summary(const Now& now);
  Line tab_line() const;
  Line below(const Listing& listing) const;
  Line keys_line() const;
  std::vector<Line> help_lines() const;
  void add_rows(Frame& frame, const Listing& listing, std::size_t height);
  void add_message(Frame& frame, const Now& now, std::size_t height);

  AppOptions options_;
  Model model_;
  std::vector<View> views_;
  Size size_;
  std::size_t page_ = 1;  ///< how many rows fit on the screen
  bool changed_ = true;   ///< rows have to be arranged again
  SteadyTime arranged_;

  struct Totals {
    SteadyTime at;
    double in = 0;
    double out = 0;
    std::uint64_t waiting = 0;
    std::uint64_t pending = 0;
    std::uint64_t dead = 0;
    std::size_t stuck = 0;
    bool all_known = true;  ///< it is known of all streams whether they are stuck
  };
  std::optional<Totals> totals_;

  std::vector<Line> body_;  ///< the lines of the message
  std::size_t body_width_ = 0;
  bool body_known_ = false;

  std::optional<Now> paused_;  ///< since when the view is paused
  bool typing_ = false;        ///< the user types a filter
  bool helping_ = false;
  std::size_t help_line_ = 0;
  std::optional<Action> asking_;
  std::optional<Action> action_;
  std::optional<Error> trouble_;
  struct Said {
    std::string text;
    bool failed = false;
  };
  std::optional<Said> said_;  ///< shown until the next key
};

}  // namespace weir::top
