#include "contract/engines.h"

#include "redis/redis_store.h"
#include "sqlite/sqlite_store.h"

namespace weir::test {

using redis::open_redis_store;
using sqlite::open_sqlite_store;

std::vector<std::string> engines() {
  std::vector<std::string> names{"sqlite", "redis-server"};
  if (is_installed("valkey-server")) {
    names.emplace_back("valkey-server");
  }
  return names;
}

Engine::Engine(const std::string& name) : name_(name) {
  if (is_server()) {
    server_ = std::make_unique<Server>(name);
  }
  store_ = another();
}

std::unique_ptr<Store> Engine::another() const {
  if (server_) {
    return must(open_redis_store(server_->url(), {}));
  }
  StoreOptions options;
  options.durability = Durability::off;
  return must(open_sqlite_store(dir_.path("db"), options));
}

void Engine::clear() {
  must(store_->run(Flushall()));
}

}  // namespace weir::test
