// The engines that a test runs on.
#pragma once

#include <memory>
#include <stdexcept>
#include <string>
#include <vector>

#include "stream/store.h"
#include "support/server.h"

namespace weir::test {

/// "sqlite", "redis-server", and "valkey-server" where it is installed.
std::vector<std::string> engines();

/// A new, empty store of one engine.
class Engine {
 public:
  explicit Engine(const std::string& name);
  Store& store() { return *store_; }
  Store* operator->() { return store_.get(); }
  /// Another connection to the same store.
  std::unique_ptr<Store> another() const;
  const std::string& name() const { return name_; }
  bool is_server() const { return name_ != "sqlite"; }
  Server& server() { return *server_; }  ///< Requires: it is one
  /// Empties it.
  void clear();

 private:
  std::string name_;
  TempDir dir_;
  std::unique_ptr<Server> server_;
  std::unique_ptr<Store> store_;
};

/// The value of a result, or an exception with its message: a test that expects success reads straight on.
template <typename T>
T must(Result<T> result) {
  if (!result) {
    throw std::runtime_error(result.error().message);
  }
  return std::move(*result);
}

inline Fields fields(const std::vector<Field>& pairs) {
  return Fields::from_pairs(pairs);
}

inline NewId exactly(Id id) {
  return {NewId::Kind::exact, id};
}

}  // namespace weir::test
