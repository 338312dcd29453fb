// Redis commands that are not about streams.
#pragma once

#include <string>
#include <string_view>

namespace weir::server {

/// A hint to append to Redis's error for such a command: which kind of server has the command. Empty: weir does not
/// know the command.
std::string kind_of_server(std::string_view command);

}  // namespace weir::server
