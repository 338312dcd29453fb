#include "sqlite/file/append_slots.h"

#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <cstddef>
#include <cstring>

#include "sqlite/file/lock_file_make.h"
#include "sqlite/file/mixing.h"
#include "system/file_lock.h"
#include "system/random.h"

namespace weir::sqlite {
namespace {

// Bytes and offsets in FILE-lock: see lock_file.h.
constexpr ByteRange kLead{5, 5};
constexpr std::int64_t kOwners = 64;
constexpr ByteRange kAllOwners{kOwners, kOwners + static_cast<std::int64_t>(AppendSlots::kSlots) - 1};
constexpr std::size_t kBells = 512;
constexpr off_t kHeaderAt = kLockFileBytes;
constexpr off_t kTakenAt = 4160;
constexpr off_t kToldAt = 4672;
constexpr off_t kRequestsAt = 8192;
constexpr std::size_t kRequestBytes = 1024;

/// Names this layout of the slots.
constexpr std::uint64_t kLayout = 0x776569722d617070;

struct Header {
  std::uint64_t layout = 0;
  std::uint64_t used = 0;  ///< only slots before this one have ever been used
};

struct RequestHead {
  std::uint64_t checksum = 0;
  std::uint64_t number = 0;  ///< 0: no request
  std::uint32_t stream_bytes = 0;
  std::uint32_t fields_bytes = 0;
};

struct Request {
  RequestHead head;
  std::array<char, AppendSlots::kRoom> payload;
};
static_assert(sizeof(Request) == kRequestBytes);

constexpr std::array<char, kRequestBytes> kNothing{};

/// Mixes eight bytes at a time.
std::uint64_t checksum_of(const void* data, std::size_t size) {
  const char* at = static_cast<const char*>(data);
  std::uint64_t sum = kLayout + size;
  while (size > 0) {
    std::uint64_t word = 0;
    const std::size_t bytes = std::min(size, sizeof word);
    std::memcpy(&word, at, bytes);
    sum = mixed(sum + word);
    at += bytes;
    size -= bytes;
  }
  return sum;
}

std::size_t payload_of(const RequestHead& head) {
  return std::size_t{head.stream_bytes} + head.fields_bytes;
}

/// Requires: the payload fits into the slot.
std::uint64_t checksum_of(const Request& request) {
  constexpr std::size_t kFrom = offsetof(RequestHead, number);
  return checksum_of(reinterpret_cast<const char*>(&request) + kFrom,
                     sizeof(RequestHead) - kFrom + payload_of(request.head));
}

bool is_whole(const Request& request) {
  return request.head.number != 0 && payload_of(request.head) <= AppendSlots::kRoom &&
         request.head.checksum == checksum_of(request);
}

/// The mark that the request of this number is being appended, or was.
struct Taken {
  std::uint64_t number = 0;
  std::uint64_t checksum = 0;

  static Taken of(std::uint64_t number) { return {number, checksum_of(&number, sizeof number)}; }
  /// True also for a mark that is only half written.
  bool may_be_of(std::uint64_t asked) const {
    const bool is_none = number == 0 && checksum == 0;
    return !is_none && (number == asked || checksum != checksum_of(&number, sizeof number));
  }
};

struct Answered {
  std::uint64_t checksum = 0;
  std::uint64_t number = 0;
  std::uint64_t is_declined = 0;
  std::uint64_t ms = 0;
  std::uint64_t seq = 0;

  std::uint64_t sum() const { return checksum_of(&number, sizeof(Answered) - sizeof checksum); }
  bool is_to(std::uint64_t asked) const { return number == asked && checksum == sum(); }
};

off_t request_at(std::size_t slot) {
  return kRequestsAt + static_cast<off_t>(slot * kRequestBytes);
}

ByteRange owner_of(std::size_t slot) {
  const auto byte = kOwners + static_cast<std::int64_t>(slot);
  return {byte, byte};
}

template <typename T>
bool read_at(int fd, T& value, off_t at) {
  return pread(fd, &value, sizeof value, at) == sizeof value;
}

template <typename T>
bool write_at(int fd, const T& value, off_t at) {
  return pwrite(fd, &value, sizeof value, at) == sizeof value;
}

}  // namespace

/// What all slots hold, as it was read.
struct AppendSlots::Area {
  std::size_t used = 0;
  std::array<Taken, kSlots> taken;
  std::array<Answered, kSlots> told;
  std::array<Request, kSlots> requests;
};

AppendSlots::AppendSlots(const LockFile& file) : file_(file), area_(std::make_unique<Area>()) {
  static_assert(kTakenAt + sizeof(Area::taken) <= kToldAt);
  static_assert(kToldAt + sizeof(Area::told) <= kRequestsAt);
  static_assert(kRequestsAt + kSlots * kRequestBytes == kLockFileBytesWithSlots);
}

AppendSlots::~AppendSlots() {
  if (slot_) {
    unlock(file_.fd(), owner_of(*slot_));
  }
}

Doorbell& AppendSlots::bell(std::size_t slot) {
  if (!bells_[slot]) {
    bells_[slot] = std::make_unique<Doorbell>(file_.fd(), kBells + sizeof(std::uint32_t) * slot);
  }
  return *bells_[slot];
}

void AppendSlots::claim() {
  struct stat file {};
  // A lock file with two names must keep its first length: see lock_file_make.cc.
  if (slot_ || fstat(file_.fd(), &file) != 0 || file.st_nlink != 1 ||
      enlarge_lock_file(file_.fd(), kLockFileBytesWithSlots) != 0) {
    return;
  }
  Header header;
  if (!read_at(file_.fd(), header, kHeaderAt)) {
    return;
  }
  if (header.layout != kLayout) {
    // The slots are new, or of another version of weir, none of which runs any more.
    if (locked_by_others(file_.fd(), kAllOwners)) {
      return;
    }
    header = {kLayout, 0};
  }
  for (std::size_t slot = 0; slot < kSlots && !slot_; ++slot) {
    bell(slot);
    if (try_lock(file_.fd(), owner_of(slot), LockKind::exclusive)) {
      slot_ = slot;
    }
  }
  if (!slot_) {
    return;
  }
  number_ = (std::uint64_t{random_number()} << 32U) + random_number();
  asked_bytes_ = kRequestBytes;
  header.used = std::max<std::uint64_t>(header.used, *slot_ + 1);
  if (clear() && !write_at(file_.fd(), header, kHeaderAt)) {
    unlock(file_.fd(), owner_of(*slot_));
    slot_.reset();
  }
}

/// Overwrites the request in the slot. False: that failed. Then the slot is given up, so that the leader takes the
/// request for one of a process that is gone.
bool AppendSlots::clear() {
  asking_ = false;
  if (pwrite(file_.fd(), kNothing.data(), asked_bytes_, request_at(*slot_)) == static_cast<ssize_t>(asked_bytes_)) {
    return true;
  }
  unlock(file_.fd(), owner_of(*slot_));
  slot_.reset();
  return false;
}

void AppendSlots::wipe_left(const LockFile& file) {
  for (std::size_t slot = 0; slot < kSlots; ++slot) {
    RequestHead head;
    if (read_at(file.fd(), head, request_at(slot)) && head.number != 0 &&
        try_lock(file.fd(), owner_of(slot), LockKind::exclusive)) {
      write_at(file.fd(), kNothing, request_at(slot));
      unlock(file.fd(), owner_of(slot));
    }
  }
}

bool AppendSlots::ask(std::string_view stream, std::string_view fields) {
  if (stream.size() > kRoom || fields.size() > kRoom - stream.size()) {
    return false;
  }
  number_ = std::max<std::uint64_t>(number_ + 1, 1);
  Request request;
  request.head = {0, number_, static_cast<std::uint32_t>(stream.size()), static_cast<std::uint32_t>(fields.size())};
  std::copy(fields.begin(), fields.end(), std::copy(stream.begin(), stream.end(), request.payload.begin()));
  request.head.checksum = checksum_of(request);
  asked_bytes_ = sizeof request.head + payload_of(request.head);
  asking_ = true;
  if (pwrite(file_.fd(), &request, asked_bytes_, request_at(*slot_)) != static_cast<ssize_t>(asked_bytes_)) {
    clear();  // the checksum keeps leaders from taking half a request
  }
  return asking_;
}

AppendSlots::Answer AppendSlots::hear() {
  Answered answer;
  if (!asking_ || !read_at(file_.fd(), answer, kToldAt + static_cast<off_t>(*slot_ * sizeof answer)) ||
      !answer.is_to(number_)) {
    return {};
  }
  clear();
  return {answer.is_declined == 0 ? Told::appended : Told::declined, Id{answer.ms, answer.seq}};
}

AppendSlots::Place AppendSlots::withdraw_in_turn() {
  const Place place{*slot_, number_};
  clear();
  return place;
}

bool AppendSlots::withdraw() {
  const std::size_t slot = *slot_;
  const bool is_cleared = clear();
  std::atomic_thread_fence(std::memory_order_seq_cst);
  Taken taken;
  return is_cleared && read_at(file_.fd(), taken, kTakenAt + static_cast<off_t>(slot * sizeof taken)) &&
         !taken.may_be_of(number_);
}

bool AppendSlots::start_leading() {
  leads_ = try_lock(file_.fd(), kLead, LockKind::exclusive);
  return leads_;
}

std::optional<LockHolder> AppendSlots::who_leads() const {
  return lock_holder(file_.path(), kLead.first);
}

void AppendSlots::read_area() {
  Header header;
  area_->used = 0;
  if (!read_at(file_.fd(), header, kHeaderAt) || header.layout != kLayout) {
    return;
  }
  const std::size_t used = std::min<std::size_t>(header.used, kSlots);
  const auto bytes = static_cast<ssize_t>(used * kRequestBytes);
  if (read_at(file_.fd(), area_->taken, kTakenAt) && read_at(file_.fd(), area_->told, kToldAt) &&
      pread(file_.fd(), area_->requests.data(), static_cast<std::size_t>(bytes), kRequestsAt) == bytes) {
    area_->used = used;
  }
}

void AppendSlots::stop_leading(const AppendedRow* row) {
  if (!std::exchange(leads_, false)) {
    return;
  }
  unlock(file_.fd(), kLead);
  // A process that asks from now on finds no leader, and leads. Requests made before are found here.
  read_area();
  for (std::size_t slot = 0; slot < area_->used; ++slot) {
    const std::uint64_t number = area_->requests[slot].head.number;
    if (number != 0 && slot != slot_ && !area_->told[slot].is_to(number) && bells_[slot] &&
        !(row != nullptr && row->id_of({slot, number})) && bells_[slot]->ring_for_one()) {
      return;
    }
  }
}

std::vector<AppendSlots::Asked> AppendSlots::asked(const AppendedRow& row) {
  std::vector<Asked> found;
  read_area();
  for (std::size_t slot = 0; slot < area_->used; ++slot) {
    const Request& request = area_->requests[slot];
    bell(slot);
    if (slot == slot_ || !is_whole(request) || row.id_of({slot, request.head.number}) ||
        area_->told[slot].is_to(request.head.number) || !locked_by_others(file_.fd(), owner_of(slot))) {
      continue;
    }
    const std::string_view payload(request.payload.data(), payload_of(request.head));
    found.push_back({{slot, request.head.number},
                     std::string(payload.substr(0, request.head.stream_bytes)),
                     std::string(payload.substr(request.head.stream_bytes))});
  }
  return found;
}

std::vector<AppendSlots::Place> AppendSlots::take(std::span<const Place> places) {
  std::vector<Place> withdrawn;
  withdrawn.reserve(places.size());
  for (const Place& place : places) {
    area_->taken[place.slot] = Taken::of(place.number);
  }
  // One call can write all marks, since only the process that has the turn writes there.
  const bool is_said = places.empty() || write_at(file_.fd(), area_->taken, kTakenAt);
  std::atomic_thread_fence(std::memory_order_seq_cst);
  std::copy_if(places.begin(), places.end(), std::back_inserter(withdrawn), [&](const Place& place) {
    RequestHead head;
    return !is_said || !read_at(file_.fd(), head, request_at(place.slot)) || head.number != place.number;
  });
  return withdrawn;
}

void AppendSlots::tell(std::span<const Outcome> outcomes) {
  for (const auto& [place, id] : outcomes) {
    Answered answer{0, place.number, id ? 0U : 1U, id ? id->ms : 0, id ? id->seq : 0};
    answer.checksum = answer.sum();
    // The next leader may write answers at the same time. If this process was stopped after its commit, that leader may
    // even answer the same waiter, which has asked again. Such a waiter then looks in the database.
    write_at(file_.fd(), answer, kToldAt + static_cast<off_t>(place.slot * sizeof answer));
    bells_[place.slot]->ring_for_one();
  }
}

}  // namespace weir::sqlite
