// One of the two stores of `follow`, whether it is reachable or not.
#pragma once

#include <algorithm>
#include <memory>

#include "copy/follow.h"

namespace weir::copy {

class FollowSide {
 public:
  FollowSide(const FollowEnd& end, const FollowEvents& events, int interrupt)
      : end_(end), events_(events), interrupt_(interrupt) {}

  /// Opens the store if it is not open.
  Result<Store*> store() {
    if (!store_) {
      WEIR_ASSIGN(store_, end_.open(opened_));
      opened_ = true;
      store_->set_interrupt(interrupt_);
    }
    return store_.get();
  }
  bool is_server() const { return end_.server; }
  bool is_lost() const { return lost_; }

  /// To be called after the store has done its part.
  void note_success() {
    if (lost_) {
      events_.say(std::string(end_.name) + " is back");
    }
    lost_ = lasting_ = false;
    pause_ = kShortest;
  }

  /// To be called after the store has failed: closes it and rests, longer each time; says so the first time. Fails if
  /// trying again would not help.
  Result<void> bear(const Error& error) {
    const bool was_open = store_ != nullptr;
    store_.reset();
    if (error.failure != Failure::store || (error.cause == Cause::lasting && (!was_open || lasting_))) {
      return tl::unexpected<Error>(error);
    }
    if (error.cause == Cause::lasting) {
      lasting_ = true;  // for instance the file was moved: opening it again will tell more
      return {};
    }
    if (!lost_) {
      events_.say(error.message + "; trying again");
    }
    lost_ = true;
    events_.rest(pause_);
    pause_ = std::min(2 * pause_, kLongest);
    return {};
  }

 private:
  static constexpr Millis kShortest{100};
  static constexpr Millis kLongest{10'000};

  const FollowEnd& end_;
  const FollowEvents& events_;
  int interrupt_;
  std::unique_ptr<Store> store_;
  bool opened_ = false;
  bool lost_ = false;
  bool lasting_ = false;  ///< the last failure will not pass, unless opening again helps
  Millis pause_ = kShortest;
};

}  // namespace weir::copy
