#include "sqlite/file/waiting.h"

#include <algorithm>
#include <utility>

namespace weir::sqlite {
namespace {

// How often to look even if no bell rings: other programs do not ring, nor does a writer that was killed between its
// commit and its ring. The reader next to the head looks as often whether the head is still alive.
constexpr std::chrono::milliseconds kSlowLook{250};
constexpr std::chrono::milliseconds kLookWithoutBell{50};
// Readers further back, of which there may be hundreds, look ever more rarely while nothing happens.
constexpr std::chrono::milliseconds kLookInLine{2000};
constexpr std::chrono::milliseconds kLongestInLine{8000};

Woken sleep_at(Doorbell& bell, std::chrono::milliseconds time, int interrupt) {
  switch (bell.wait(time, interrupt)) {
    case Doorbell::Heard::ring:
      return Woken::maybe;
    case Doorbell::Heard::interrupted:
      return Woken::interrupted;
    case Doorbell::Heard::nothing:
      break;
  }
  return Woken::slow_look;
}

}  // namespace

BellWaiter::BellWaiter(const LockFile& file) : file_(file) {
  file_.start_waiting();
}

Woken BellWaiter::sleep(const Deadline& deadline, int interrupt) {
  Doorbell& bell = file_.bell();
  return sleep_at(bell, deadline.left(bell.works() ? kSlowLook : kLookWithoutBell), interrupt);
}

PlaceInLine::PlaceInLine(const LockFile& file, std::int64_t group, const PlaceInLine* behind)
    : file_(&file),
      group_(group),
      ticket_(file.join_line(group, behind == nullptr ? -1 : behind->ticket_.value_or(-1))) {}

PlaceInLine::~PlaceInLine() {
  if (file_ != nullptr && ticket_) {
    file_->leave_line(group_, *ticket_);
  }
}

PlaceInLine::PlaceInLine(PlaceInLine&& other) noexcept
    : file_(std::exchange(other.file_, nullptr)),
      group_(other.group_),
      ticket_(other.ticket_),
      ahead_(other.ahead_),
      patience_(other.patience_),
      bell_(std::move(other.bell_)) {}

PlaceInLine& PlaceInLine::operator=(PlaceInLine&& other) noexcept {
  std::swap(file_, other.file_);
  std::swap(group_, other.group_);
  std::swap(ticket_, other.ticket_);
  std::swap(ahead_, other.ahead_);
  std::swap(patience_, other.patience_);
  std::swap(bell_, other.bell_);
  return *this;
}

void PlaceInLine::come_back() const {
  if (ticket_) {
    file_->come_back(group_, *ticket_);
  }
}

bool PlaceInLine::anyone_before() const {
  return ticket_ && file_->anyone_before(group_, *ticket_);
}

bool PlaceInLine::anyone_behind() const {
  return ticket_ && file_->anyone_behind(group_, *ticket_);
}

bool PlaceInLine::at_head() {
  if (!ticket_) {
    return true;
  }
  come_back();
  ahead_ = file_->place_ahead(group_, *ticket_);
  return !ahead_;
}

bool PlaceInLine::pass_over_ahead(bool in_any_case) {
  // The reader ahead may itself wait for others before it, which are about to take the messages.
  if (ahead_ && !in_any_case && !file_->may_be_stopped(group_, *ahead_)) {
    return false;
  }
  if (ahead_) {
    file_->pass_over(group_, *ahead_);
  }
  ahead_ = file_->place_ahead(group_, *ticket_);
  return !ahead_;
}

Woken PlaceInLine::sleep(const Deadline& deadline, int interrupt) {
  if (!bell_) {
    bell_ = file_->bell_of_place(group_, *ticket_);
  }
  bell_->listen();
  if (!ahead_ || !file_->is_taken(group_, *ahead_)) {
    return Woken::maybe;
  }
  if (!bell_->works()) {
    return sleep_at(*bell_, deadline.left(kLookWithoutBell), interrupt);
  }
  if (file_->is_next_to_head(group_, *ahead_)) {
    patience_ = std::chrono::milliseconds(0);
    return sleep_at(*bell_, deadline.left(kSlowLook), interrupt);
  }
  patience_ = std::clamp(2 * patience_, kLookInLine, kLongestInLine);
  return sleep_at(*bell_, deadline.left(patience_), interrupt);
}

}  // namespace weir::sqlite
