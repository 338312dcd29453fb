// What a server's refusal means.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "stream/result.h"

namespace weir::redis {

/// The server's own text, as the kind of failure it is, with a hint where one helps.
Error server_error(std::string_view text);

/// Whether the server will do it if asked again a little later: it is loading, or a slot is on its way.
bool is_passing(std::string_view text);

/// Whether the server is older than the command, or than an option of it.
bool is_unknown_to_server(std::string_view text);
/// Whether an error says that this user may not do this, or that the server runs no scripts. Such a user has what plain
/// commands give.
bool is_forbidden(std::string_view text);

/// Whether it has no memory for more: what takes none it does all the same.
bool is_full(const Error& error);

/// MOVED and ASK name the node that has the slot: `MOVED 3999 127.0.0.1:6381`.
struct Redirect {
  bool ask = false;
  int slot = 0;
  std::string host;  ///< empty: the node that said so
  int port = 0;
};
std::optional<Redirect> parse_redirect(std::string_view text);

}  // namespace weir::redis
