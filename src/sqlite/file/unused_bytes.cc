#include "sqlite/file/unused_bytes.h"

#include <algorithm>

namespace weir::sqlite {
namespace {

constexpr std::uint32_t kLargestPage = 65536;
constexpr std::size_t kFileHeaderBytes = 100;
constexpr std::uint32_t kLockedByte = 0x40000000;  ///< SQLite never uses the page with this byte

// Kinds of pages of trees, by their first byte.
constexpr unsigned char kInnerIndex = 2;
constexpr unsigned char kInnerTable = 5;
constexpr unsigned char kLeafIndex = 10;
constexpr unsigned char kLeafTable = 13;

// Kinds of pages in the pointer map.
constexpr unsigned char kRoot = 1;
constexpr unsigned char kFirstOverflow = 3;
constexpr unsigned char kLaterOverflow = 4;
constexpr unsigned char kTree = 5;

std::uint32_t two(const unsigned char* bytes) {
  return std::uint32_t{bytes[0]} << 8U | bytes[1];
}

std::uint32_t four(const unsigned char* bytes) {
  return two(bytes) << 16U | two(bytes + 2);
}

/// Reads one of SQLite's numbers of 1 to 9 bytes, and moves `at` behind it. Nothing if the number goes on past `end`.
std::optional<std::uint64_t> number(const Bytes& page, std::uint32_t& at, std::uint32_t end) {
  constexpr int kLongest = 9;
  std::uint64_t value = 0;
  for (int i = 1; at < end; ++i) {
    const unsigned char byte = page[at++];
    if (i == kLongest) {
      return value << 8U | byte;
    }
    value = value << 7U | (byte & 0x7FU);
    if (byte < 0x80) {
      return value;
    }
  }
  return std::nullopt;
}

/// How much of a row lies in the page itself.
std::uint64_t own_share(std::uint64_t payload, unsigned char kind, std::uint32_t usable) {
  const std::uint32_t most = kind == kLeafTable ? usable - 35 : (usable - 12) * 64 / 255 - 23;
  if (payload <= most) {
    return payload;
  }
  const std::uint32_t least = (usable - 12) * 32 / 255 - 23;
  const std::uint64_t share = least + (payload - least) % (usable - 4);
  return share <= most ? share : least;
}

struct Cell {
  ByteSpan span;
  std::optional<OverflowChain> chain;
};

std::optional<Cell> read_cell(const Bytes& page, unsigned char kind, std::uint32_t begin, std::uint32_t usable) {
  constexpr std::uint32_t kLeast = 4;
  std::uint32_t at = begin + (kind == kInnerIndex || kind == kInnerTable ? 4 : 0);
  std::optional<std::uint64_t> payload = 0;
  if (kind != kInnerTable) {
    payload = number(page, at, usable);
  }
  if ((kind == kLeafTable || kind == kInnerTable) && !number(page, at, usable)) {
    return std::nullopt;
  }
  if (!payload || *payload > INT32_MAX) {
    return std::nullopt;
  }
  const std::uint64_t share = kind == kInnerTable ? 0 : own_share(*payload, kind, usable);
  const bool goes_on = share < *payload;
  const std::uint64_t end = std::max<std::uint64_t>(at + share + (goes_on ? 4 : 0), begin + kLeast);
  if (end > usable) {
    return std::nullopt;
  }
  Cell cell{{begin, static_cast<std::uint32_t>(end)}, std::nullopt};
  if (goes_on) {
    cell.chain = OverflowChain{four(&page[end - 4]), *payload - share};
  }
  return cell;
}

}  // namespace

std::optional<PageContent> read_page(const Bytes& page, std::uint32_t usable) {
  const unsigned char kind = page[0];
  const bool inner = kind == kInnerIndex || kind == kInnerTable;
  if (!inner && kind != kLeafIndex && kind != kLeafTable) {
    return std::nullopt;
  }
  constexpr unsigned char kMostFragments = 60;
  const std::uint32_t cells = two(&page[3]);
  const std::uint32_t pointers = inner ? 12 : 8;
  const std::uint32_t begin = pointers + 2 * cells;
  const std::uint32_t content = two(&page[5]) == 0 ? kLargestPage : two(&page[5]);
  if (begin > content || content > usable || page[7] > kMostFragments) {
    return std::nullopt;
  }
  PageContent found;
  std::vector<ByteSpan> used;   // cells, and the heads of free blocks
  std::vector<ByteSpan> taken;  // cells, and free blocks
  for (std::uint32_t i = 0; i < cells; ++i) {
    const std::uint32_t at = two(&page[pointers + 2 * i]);
    if (at < content || at >= usable) {
      return std::nullopt;
    }
    const auto cell = read_cell(page, kind, at, usable);
    if (!cell) {
      return std::nullopt;
    }
    used.push_back(cell->span);
    taken.push_back(cell->span);
    if (cell->chain) {
      found.chains.push_back(*cell->chain);
    }
  }
  constexpr std::uint32_t kHead = 4;
  std::uint32_t before = content;
  for (std::uint32_t block = two(&page[1]); block != 0; block = two(&page[block])) {
    if (block < before || block + kHead > usable) {
      return std::nullopt;
    }
    const std::uint32_t size = two(&page[block + 2]);
    if (size < kHead || block + size > usable) {
      return std::nullopt;
    }
    used.push_back({block, block + kHead});
    taken.push_back({block, block + size});
    before = block + size;
  }
  const auto earlier = [](const ByteSpan& one, const ByteSpan& other) { return one.begin < other.begin; };
  std::sort(taken.begin(), taken.end(), earlier);
  for (std::size_t i = 1; i < taken.size(); ++i) {
    if (taken[i].begin < taken[i - 1].end) {
      return std::nullopt;
    }
  }
  std::sort(used.begin(), used.end(), earlier);
  std::uint32_t at = begin;
  for (const ByteSpan& span : used) {
    if (span.begin > at) {
      found.unused.push_back({at, span.begin});
    }
    at = span.end;
  }
  if (at < usable) {
    found.unused.push_back({at, usable});
  }
  return found;
}

UnusedBytes::UnusedBytes(sqlite3* db) {
  sqlite3_file_control(db, "main", SQLITE_FCNTL_FILE_POINTER, &file_);
}

bool UnusedBytes::read(Bytes& bytes, std::uint64_t offset) {
  code_ =
      file_->pMethods->xRead(file_, bytes.data(), static_cast<int>(bytes.size()), static_cast<sqlite3_int64>(offset));
  return code_ == SQLITE_OK;
}

bool UnusedBytes::read_page_of_file(Bytes& bytes, std::uint32_t page) {
  bytes.resize(page_bytes_);
  return read(bytes, std::uint64_t{page - 1} * page_bytes_);
}

int UnusedBytes::begin() {
  Bytes header(kFileHeaderBytes);
  map_number_ = 0;
  if (file_ == nullptr || file_->pMethods == nullptr) {
    return SQLITE_IOERR;
  }
  sqlite3_int64 size = 0;
  if (!read(header, 0)) {
    return code_;
  }
  code_ = file_->pMethods->xFileSize(file_, &size);
  if (code_ != SQLITE_OK) {
    return code_;
  }
  constexpr std::uint32_t kLeastUsable = 480;
  const std::uint32_t stored = two(&header[16]);
  page_bytes_ = stored == 1 ? kLargestPage : stored;
  if (page_bytes_ < 512 || (page_bytes_ & (page_bytes_ - 1)) != 0 || page_bytes_ - header[20] < kLeastUsable) {
    return SQLITE_CORRUPT;
  }
  usable_ = page_bytes_ - header[20];
  const bool has_map = four(&header[52]) != 0;
  pages_ = has_map ? static_cast<std::uint32_t>(std::min<sqlite3_int64>(size / page_bytes_, four(&header[28]))) : 0;
  return SQLITE_OK;
}

std::uint32_t UnusedBytes::map_page_of(std::uint32_t page) const {
  const std::uint32_t run = usable_ / 5 + 1;
  const std::uint32_t map = (page - 2) / run * run + 2;
  return map == kLockedByte / page_bytes_ + 1 ? map + 1 : map;
}

std::optional<UnusedBytes::MapEntry> UnusedBytes::entry_of(std::uint32_t page) {
  const std::uint32_t map = map_page_of(page);
  if (page <= map) {
    return std::nullopt;  // `page` is the map itself, or the page that is never used
  }
  if (map != map_number_) {
    map_number_ = 0;
    if (!read_page_of_file(map_, map)) {
      return std::nullopt;
    }
    map_number_ = map;
  }
  const std::size_t at = std::size_t{5} * (page - map - 1);
  if (at + 5 > usable_) {
    return std::nullopt;
  }
  return MapEntry{map_[at], four(&map_[at + 1])};
}

bool UnusedBytes::write_zeros(const Bytes& page, std::uint32_t number, ByteSpan span) {
  const auto is_set = [](unsigned char byte) { return byte != 0; };
  const auto begin = page.begin() + span.begin;
  const auto end = page.begin() + span.end;
  const auto first = std::find_if(begin, end, is_set);
  if (first == end) {
    return true;
  }
  const auto last = std::find_if(std::make_reverse_iterator(end), std::make_reverse_iterator(first), is_set).base();
  const Bytes zeros(static_cast<std::size_t>(last - first));
  code_ = file_->pMethods->xWrite(
      file_, zeros.data(), static_cast<int>(zeros.size()),
      static_cast<sqlite3_int64>(std::uint64_t{number - 1} * page_bytes_) + (first - page.begin()));
  return code_ == SQLITE_OK;
}

UnusedBytes::Outcome UnusedBytes::overwrite(std::uint32_t page, const std::function<bool(std::uint32_t)>& in_log) {
  if (page < 2 || page > pages_) {
    return Outcome::done;
  }
  code_ = SQLITE_OK;
  if (in_log(page) || in_log(map_page_of(page))) {
    return Outcome::later;
  }
  const auto entry = entry_of(page);
  if (!entry || (entry->kind != kRoot && entry->kind != kTree)) {
    return code_ == SQLITE_OK ? Outcome::done : Outcome::failed;
  }
  if (!read_page_of_file(page_, page)) {
    return Outcome::failed;
  }
  const auto content = read_page(page_, usable_);
  if (!content) {
    return Outcome::done;  // the page is damaged: weir verify reports it
  }
  for (const ByteSpan& span : content->unused) {
    if (!write_zeros(page_, page, span)) {
      return Outcome::failed;
    }
  }
  Outcome outcome = Outcome::done;
  for (const OverflowChain& chain : content->chains) {
    switch (overwrite_end(page, chain, in_log)) {
      case Outcome::failed:
        return Outcome::failed;
      case Outcome::later:
        outcome = Outcome::later;
        break;
      case Outcome::done:
        break;
    }
  }
  return outcome;
}

UnusedBytes::Outcome UnusedBytes::overwrite_end(std::uint32_t owner, const OverflowChain& chain,
                                                const std::function<bool(std::uint32_t)>& in_log) {
  constexpr std::uint32_t kPointer = 4;
  const std::uint32_t share = usable_ - kPointer;
  std::uint32_t page = chain.first;
  std::uint32_t before = owner;
  Bytes next(kPointer);
  for (std::uint64_t left = chain.bytes;; left -= share) {
    if (page < 3 || page > pages_) {
      return Outcome::done;
    }
    if (in_log(page) || in_log(map_page_of(page))) {
      return Outcome::later;
    }
    const auto entry = entry_of(page);
    if (!entry || entry->kind != (before == owner ? kFirstOverflow : kLaterOverflow) || entry->parent != before) {
      return code_ == SQLITE_OK ? Outcome::done : Outcome::failed;
    }
    if (left <= share) {
      if (!read_page_of_file(end_, page)) {
        return Outcome::failed;
      }
      const ByteSpan unused{kPointer + static_cast<std::uint32_t>(left), usable_};
      const bool is_last = four(end_.data()) == 0;
      return !is_last || write_zeros(end_, page, unused) ? Outcome::done : Outcome::failed;
    }
    if (!read(next, std::uint64_t{page - 1} * page_bytes_)) {
      return Outcome::failed;
    }
    before = page;
    page = four(next.data());
  }
}

bool UnusedBytes::sync() {
  code_ = file_->pMethods->xSync(file_, SQLITE_SYNC_NORMAL | SQLITE_SYNC_DATAONLY);
  return code_ == SQLITE_OK;
}

}  // namespace weir::sqlite
