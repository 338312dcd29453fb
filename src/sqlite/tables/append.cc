// XADD, of one or many entries in a transaction.
#include <map>

#include "sqlite/tables/idempotence.h"
#include "sqlite/tables/keep.h"
#include "sqlite/tables/rows.h"
#include "sqlite/tables/tables.h"
#include "sqlite/tables/trim.h"
#include "system/clock.h"

namespace weir::sqlite {
namespace {

constexpr const char* kExhausted = "ERR The stream has exhausted the last possible ID, unable to add more items";
constexpr const char* kTooSmall = "ERR The ID specified in XADD is equal or smaller than the target stream top item";

/// The ID of a new entry, or Redis's refusal.
Result<Id> choose_id(const StreamRow& stream, const NewId& wanted, std::uint64_t now_ms) {
  if (stream.last == kMaxId) {
    return fail(Failure::refused, kExhausted);
  }
  Id id = wanted.id;
  if (wanted.kind == NewId::Kind::automatic) {
    return *generate_id(stream.last, now_ms);
  }
  if (wanted.kind == NewId::Kind::automatic_sequence) {
    // The sequence never rolls over into the next millisecond.
    if (id.ms == stream.last.ms && stream.last.seq == kMaxPart) {
      return fail(Failure::refused, kTooSmall);
    }
    id.seq = id.ms == stream.last.ms ? stream.last.seq + 1 : 0;
  }
  if (id <= stream.last) {
    return fail(Failure::refused, kTooSmall);
  }
  return id;
}

/// The additions of one transaction: each stream is read once and saved once, and all rows are inserted together.
class Addition {
 public:
  Addition(Database& db, BulkInsert& bulk_insert, LastStream& last_stream, std::size_t size)
      : db_(db),
        bulk_insert_(bulk_insert),
        last_stream_(last_stream),
        now_ms_(static_cast<std::uint64_t>(unix_now().count())) {
    rows_.reserve(size);
  }

  /// Fails if Redis refuses the entry, which then leaves nothing behind.
  Result<MaybeId> add(const Xadd& entry) {
    if (last_ == nullptr || last_->first != entry.stream) {
      WEIR_ASSIGN(last_, open(entry));
      if (last_ == nullptr) {
        return MaybeId();
      }
    }
    StreamRow& row = last_->second.row;
    auto& trim = last_->second.trim;
    if (entry.idempotence) {
      if (!keys_) {
        keys_.emplace(db_, UnixMs(now_ms_));
      }
      if (const auto added = keys_->find(row, *entry.idempotence, entry.fields)) {
        return MaybeId(added);
      }
    }
    WEIR_ASSIGN(const Id id, choose_id(row, entry.id, now_ms_));
    if (trim && (trim != entry.trim || trim->limit != 0)) {
      apply_trim(last_->second);
    }
    if (row.tail == row.end()) {
      db_.note_failure(SQLITE_FULL);
    }
    rows_.push_back({row.tail, id, entry.fields.json()});
    row.appended(id);
    trim = entry.trim;
    if (entry.idempotence) {
      keys_->note(id);
    }
    return MaybeId(id);
  }

  bool any() const { return !streams_.empty(); }

  void save() {
    for (auto& [name, stream] : streams_) {
      apply_trim(stream);
    }
    insert_rows();
    for (auto& [name, stream] : streams_) {
      keep_after_append(db_, stream.row, stream.before.tail, UnixMs(now_ms_));
      save_appended(db_, stream.before, stream.row);
      if (keys_) {
        keys_->save(stream.row);
      }
      last_stream_.note(db_, name, stream.row);
    }
  }

 private:
  struct Stream {
    StreamRow row;
    StreamRow before;
    std::optional<Trim> trim =
        {};  ///< asked for by the last entry; the same trim for many entries in a row is done once, at their end
  };
  using Streams = std::map<std::string, Stream, std::less<>>;

  /// The stream of the entry, found or made. Null: there is no such stream, and NOMKSTREAM was given.
  Result<Streams::value_type*> open(const Xadd& entry) {
    auto at = streams_.find(entry.stream);
    if (at == streams_.end()) {
      auto row = last_stream_.find(db_, entry.stream);
      if (!row) {
        if (!entry.make_stream) {
          return nullptr;
        }
        WEIR_TRY(choose_id(StreamRow(), entry.id, now_ms_));  // a refusal must leave no empty stream behind
        row = make_stream(db_, entry.stream);
      }
      at = streams_.emplace(entry.stream, Stream{*row, *row}).first;
    }
    return &*at;
  }

  void insert_rows() {
    bulk_insert_.insert(rows_);
    rows_.clear();
  }

  void apply_trim(Stream& stream) {
    if (stream.trim) {
      insert_rows();
      sqlite::trim(db_, stream.row, *stream.trim);
      stream.trim.reset();
    }
  }

  Database& db_;
  BulkInsert& bulk_insert_;
  LastStream& last_stream_;
  std::uint64_t now_ms_;
  std::optional<KnownKeys> keys_;  ///< made for the first entry with a key
  Streams streams_;
  Streams::value_type* last_ = nullptr;
  std::vector<NewRow> rows_;
};

}  // namespace

Result<Change<Tables::AddAnswers>> Tables::append(std::span<const Xadd> entries) {
  AddAnswers answers;
  answers.reserve(entries.size());
  Addition addition(db_, bulk_insert_, last_stream_, entries.size());
  for (const Xadd& entry : entries) {
    answers.push_back(addition.add(entry));
    if (!answers.back()) {
      break;
    }
  }
  if (!answers.empty() && !answers.back() && !addition.any()) {
    return Change(std::move(answers), Worth::nothing);
  }
  addition.save();
  return Change(std::move(answers));
}

}  // namespace weir::sqlite
