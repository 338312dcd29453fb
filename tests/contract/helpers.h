// Short forms for the contract's tests.
#pragma once

#include <string>
#include <vector>

#include "catch.h"
#include "contract/engines.h"
#include "redis/redis_store.h"
#include "stream/remote.h"

/// A test of the contract, run on every engine; `engine` is a new and empty one.
#define ON_EVERY_ENGINE(engine)                                                \
  const std::string engine_name = GENERATE(from_range(weir::test::engines())); \
  INFO("on " << engine_name);                                                  \
  weir::test::Engine engine(engine_name)

namespace weir::test {

inline Id add(Store& store, const std::string& stream, Id id, const std::string& value = "v") {
  return must(store.run(Xadd{stream, exactly(id), fields({{"f", value}}), true, std::nullopt})).value();
}

/// A connection to a server that a test started itself.
inline std::unique_ptr<Store> open_at(const Server& server) {
  return must(redis::open_redis_store(server.url(), {}));
}

/// An entry of "s" that can be told from others.
inline Xadd numbered(std::uint64_t n, NewId id = {}) {
  return Xadd{"s", id, fields({{"n", std::to_string(n)}}), true, std::nullopt};
}

/// The IDs of what was added; fails the test if something was refused.
inline std::vector<Id> append(Store& store, const std::vector<Xadd>& entries) {
  std::vector<Id> ids;
  for (const auto& answer : must(store.append(entries))) {
    ids.push_back(must(answer).value());
  }
  CHECK(ids.size() == entries.size());
  return ids;
}

/// Likewise in batches, each of which the store may begin with while it adds the one before.
inline std::vector<Id> append_ahead(Store& store, const std::vector<std::vector<Xadd>>& batches) {
  std::vector<Id> ids;
  auto* remote = dynamic_cast<Remote*>(&store);
  Batch next(batches[0]);
  for (std::size_t i = 0; i < batches.size(); ++i) {
    Batch now = std::exchange(next, i + 1 < batches.size() ? Batch(batches[i + 1]) : Batch());
    for (const auto& answer :
         must(remote != nullptr ? remote->append(std::move(now), next) : store.append(batches[i]))) {
      ids.push_back(must(answer).value());
    }
  }
  return ids;
}

inline void add_all(Store& store, const std::string& stream, const std::vector<Id>& ids) {
  for (const Id id : ids) {
    add(store, stream, id);
  }
}

inline void make_group(Store& store, const std::string& stream, const std::string& group, Id start = {}) {
  must(store.run(XgroupCreate{stream, group, start, true, std::nullopt, false}));
}

inline std::vector<Id> ids_of(const std::vector<Entry>& entries) {
  std::vector<Id> ids;
  for (const Entry& entry : entries) {
    ids.push_back(entry.id);
  }
  return ids;
}

inline std::vector<Id> range(Store& store, const std::string& stream) {
  return ids_of(must(store.run(Xrange{stream, kMinId, kMaxId, false, std::nullopt})).entries);
}

inline Xread read_after(const std::string& stream, Id after) {
  return Xread{{{stream, {Xread::From::Kind::after, after}}}, std::nullopt, std::nullopt};
}

inline Xreadgroup group_read(const std::string& stream, const std::string& consumer,
                             std::optional<Id> history_after = std::nullopt,
                             std::optional<std::uint64_t> count = std::nullopt) {
  return Xreadgroup{"g", consumer, {{stream, history_after}}, count, std::nullopt, false};
}

inline std::vector<Id> deliver(Store& store, const std::string& stream, const std::string& consumer,
                               std::optional<std::uint64_t> count = std::nullopt) {
  const auto streams = must(store.run(group_read(stream, consumer, std::nullopt, count)));
  return streams.empty() ? std::vector<Id>() : ids_of(streams[0].entries);
}

inline std::vector<PendingEntry> pending(Store& store, const std::string& stream) {
  return must(store.run(Xpending{stream, "g", Millis(0), kMinId, kMaxId, 100, std::nullopt})).entries;
}

inline Xclaim claim(const std::string& stream, const std::string& consumer, std::vector<Id> ids) {
  Xclaim claim;
  claim.stream = stream;
  claim.group = "g";
  claim.consumer = consumer;
  claim.ids = std::move(ids);
  return claim;
}

/// The message of a refusal; fails the test if there was none.
template <typename T>
std::string refusal(const Result<T>& result) {
  if (result) {
    FAIL_CHECK("it was not refused");
    return {};
  }
  CHECK(result.error().failure == Failure::refused);
  return result.error().message;
}

}  // namespace weir::test

namespace Catch {
template <>
struct StringMaker<weir::Id> {
  static std::string convert(const weir::Id& id) { return weir::to_string(id); }
};
}  // namespace Catch
