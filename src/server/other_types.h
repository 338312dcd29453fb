// Redis's commands that are not about streams.
#pragma once

#include <string>
#include <string_view>

namespace weir::server {

/// A word for whoever gives one of them, to stand after Redis's own error: which kind of server has it. Empty: weir
/// knows of none.
std::string kind_of_server(std::string_view command);

}  // namespace weir::server
