// XADD, one or many in a transaction.
#include <algorithm>
#include <map>

#include "sqlite/sqlite_engine.h"
#include "util/clock.h"

namespace weir {
namespace {

constexpr const char* kInsert = "INSERT INTO weir_entries(ms, seq, fields, n) VALUES (?, ?, ?, ?)";
// Where the entry goes behind all others of the file SQLite itself gives it the next number, and that saves a search.
constexpr const char* kInsertLast = "INSERT INTO weir_entries(ms, seq, fields) VALUES (?, ?, ?)";
constexpr const char* kLastPosition = "SELECT max(n) FROM weir_entries";
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

/// A stream that a transaction adds to: it is read once, and saved once.
struct OpenStream {
  StreamRow row;
  std::optional<Trim> trim;  ///< the last that was asked for: trimming once at the end comes to the same
};

}  // namespace

/// Inserts entries, each by the cheaper of two statements.
class SqliteEngine::Inserter {
 public:
  Inserter(SqliteEngine& engine, bool many)
      : anywhere_(engine.db_.query(kInsert)), behind_(engine.db_.query(kInsertLast)) {
    if (Query query = engine.db_.query(kLastPosition); many && query.next()) {
      last_ = query.integer(0);
    }
  }

  void insert(std::int64_t n, Id id, std::string_view fields) {
    Query& query = n == last_ + 1 ? behind_ : anywhere_;
    query.bind(id).bind_text(fields);
    if (&query == &anywhere_) {
      query.bind(n);
    }
    query.run();
    query.again();
    last_ = std::max(last_, n);
  }

 private:
  Query anywhere_;
  Query behind_;
  std::int64_t last_ = INT64_MAX - 1;  ///< the highest position of all streams; as it is here: not known
};

Result<Id> SqliteEngine::add_entry(StreamRow& stream, const Xadd& request, std::uint64_t now_ms, Inserter& inserter) {
  WEIR_ASSIGN(const Id id, choose_id(stream, request.id, now_ms));
  inserter.insert(stream.tail, id, request.fields.json());
  ++stream.tail;
  ++stream.length;
  ++stream.added;
  stream.last = id;
  return id;
}

Result<Xadd::Reply> SqliteEngine::run(const Xadd& request) {
  WEIR_ASSIGN(Appended appended, append(std::span(&request, 1)));
  if (appended.error) {
    return tl::unexpected(std::move(*appended.error));
  }
  return appended.ids.front();
}

Result<Store::Appended> SqliteEngine::append(std::span<const Xadd> entries) {
  // A first large append is worth a larger cache: pages that are spilled before the commit are written twice.
  constexpr std::size_t kMany = 1000;
  if (entries.size() >= kMany && !large_cache_) {
    db_.execute("PRAGMA cache_size = -16000");
    large_cache_ = true;
  }
  WEIR_ASSIGN(WriteTransaction transaction, WriteTransaction::begin(*this));
  const auto now_ms = static_cast<std::uint64_t>(unix_now().count());
  Appended appended;
  appended.ids.reserve(entries.size());
  std::map<std::string, OpenStream, std::less<>> open;
  OpenStream* current = nullptr;
  const std::string* current_name = nullptr;
  {
    Inserter inserter(*this, entries.size() > 1);
    for (const Xadd& entry : entries) {
      if (current_name == nullptr || *current_name != entry.stream) {
        auto at = open.find(entry.stream);
        if (at == open.end()) {
          auto found = find_stream(entry.stream);
          if (!found && !entry.make_stream) {
            appended.ids.push_back(std::nullopt);
            continue;
          }
          if (!found) {
            // A refusal must leave no empty stream behind, so it comes first.
            if (auto id = choose_id(StreamRow(), entry.id, now_ms); !id) {
              appended.error = std::move(id).error();
              break;
            }
            found = make_stream(entry.stream);
          }
          at = open.emplace(entry.stream, OpenStream{*found, std::nullopt}).first;
        }
        current = &at->second;
        current_name = &at->first;
      }
      auto id = add_entry(current->row, entry, now_ms, inserter);
      if (!id) {
        appended.error = std::move(id).error();
        break;
      }
      appended.ids.push_back(*id);
      if (entry.trim) {
        current->trim = entry.trim;
      }
      if (db_.failed()) {
        break;
      }
    }
  }
  for (auto& [name, stream] : open) {
    if (stream.trim) {
      trim(stream.row, *stream.trim);
    }
    save_stream(stream.row);
  }
  if (appended.error && open.empty()) {
    if (db_.failed()) {
      return tl::unexpected(db_.take_failure());
    }
    return appended;
  }
  WEIR_TRY(transaction.commit());
  return appended;
}

}  // namespace weir
