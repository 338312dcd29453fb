// Short forms for tests of messages that are taken under terms: stream "s", whose messages' IDs are 1-0, 2-0 and so on,
// group "g", and the field "to", whose values are taken one at a time.
#pragma once

#include "contract/helpers.h"
#include "stream/rationing.h"

namespace weir::test {

inline Id add_for(Store& store, const std::string& to, std::uint64_t ms) {
  return must(store.run(Xadd{"s", exactly({ms, 0}), fields({{"to", to}}), true, std::nullopt})).value();
}

inline void make_group(Store& store, const std::string& stream = "s") {
  XgroupCreate create;
  create.stream = stream;
  create.group = "g";
  create.start = kMinId;
  create.make_stream = true;
  must(store.run(create));
}

inline Ration one_of(const std::string& consumer, Terms terms) {
  Ration ration;
  ration.streams = {"s"};
  ration.group = "g";
  ration.consumer = consumer;
  ration.terms = std::move(terms);
  return ration;
}

inline Terms serial() {
  Terms terms;
  terms.serial = "to";
  return terms;
}

inline Rationed take(Store& store, const Ration& ration) {
  return must(dynamic_cast<Rationing&>(store).take(ration));
}

/// The IDs' milliseconds.
inline std::vector<std::uint64_t> taken(Store& store, const Ration& ration) {
  std::vector<std::uint64_t> ids;
  for (const auto& message : take(store, ration).messages) {
    ids.push_back(message.entry.id.ms);
  }
  return ids;
}

inline Xack acknowledgement(std::uint64_t ms) {
  Xack done;
  done.stream = "s";
  done.group = "g";
  done.ids = {{ms, 0}};
  return done;
}

inline void acknowledge(Store& store, std::uint64_t ms) {
  CHECK(must(store.run(acknowledgement(ms))).value == 1);
}

inline Xnack giving_back(std::uint64_t ms, Millis wait) {
  Xnack nack;
  nack.stream = "s";
  nack.group = "g";
  nack.ids = {{ms, 0}};
  nack.wait = wait;
  return nack;
}

using Ids = std::vector<std::uint64_t>;

}  // namespace weir::test
