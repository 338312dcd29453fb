// The keys of idempotent producers (XADD IDMP and IDMPAUTO): rows of weir_keys with a producer, and the settings and
// counts of a stream in weir_extras.
//
// Of each producer the newest `maxsize` keys count, as far as they are younger than the stream's duration. Adding new
// keys deletes those that no longer count, so that nothing else has to clean up.
#pragma once

#include <cstdint>
#include <deque>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>

#include "sqlite/tables/rows.h"
#include "stream/request.h"

namespace weir::sqlite {

/// The figures of a stream's keys, for XINFO STREAM.
IdempotenceInfo describe_keys(Database& db, const StreamRow& stream, UnixMs now);

/// The keys of one transaction's additions. Keys that are found or noted are kept in memory until `save`, so that many
/// entries of one producer cost few statements.
class KnownKeys {
 public:
  KnownKeys(Database& db, UnixMs now) : db_(db), now_(now) {}

  /// The ID under which the producer has added this entry. Nothing: the entry is new, and `note` has to follow once it
  /// has an ID.
  std::optional<Id> find(const StreamRow& stream, const Idempotence& idempotence, const Fields& fields);
  void note(Id id);

  /// Writes the keys. Sets the stream's flags if these are its first rows.
  void save(StreamRow& stream);

 private:
  struct Producer {
    std::int64_t last_turn = 0;                 ///< the last turn in the database
    std::int64_t noted = 0;                     ///< keys noted since then
    std::unordered_map<std::string, Id> fresh;  ///< the newest of these keys
    std::deque<const std::string*> order;       ///< the same keys, the oldest first
  };
  struct OfStream {
    std::uint64_t duration_s = kIdmpDurationS;
    std::uint64_t maxsize = kIdmpMaxsize;
    std::int64_t added = 0;       ///< in this transaction
    std::int64_t duplicates = 0;  ///< likewise
    std::map<std::string, Producer, std::less<>> producers;
  };
  OfStream& of(const StreamRow& stream);
  Producer& producer_of(OfStream& keys, const StreamRow& stream, const std::string& name);
  void save_producer(const StreamRow& stream, const OfStream& keys, const std::string& name, const Producer& producer);

  Database& db_;
  UnixMs now_;
  std::map<std::int64_t, OfStream> streams_;
  OfStream* stream_ = nullptr;  ///< the stream of the key that was not found
  Producer* producer_ = nullptr;
  std::string key_;
};

}  // namespace weir::sqlite
