#include "cli/run/versions.h"

#include "io/json_lines.h"
#include "redis/redis_store.h"
#include "sqlite/sqlite_store.h"

namespace weir::cli {

void write_versions(std::string& out) {
  out.append("schema ").append(std::to_string(sqlite::schema_version())).append("\n");
  out.append("SQLite ").append(sqlite::library_version()).append("\n");
  out.append("hiredis ").append(redis::library_version()).append("\n");
  out.append("simdjson ").append(io::simdjson_version()).append("\n");
  out.append("TLS ").append(redis::has_tls() ? "yes" : "no").append("\n");
}

}  // namespace weir::cli
