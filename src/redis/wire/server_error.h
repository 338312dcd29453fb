// What a server's refusal means.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "stream/result.h"

namespace weir::redis {

/// The kind of failure that the server's text means, with that text, and a hint if one helps.
Error server_error(std::string_view text);

/// Whether the server will do it a little later: it is loading, or a slot is being moved.
bool is_passing(std::string_view text);

/// Whether the server is older than the command or one of its options.
bool is_unknown_to_server(std::string_view text);
/// Whether an error says that this user may not do this, or that the server runs no scripts. weir then does what plain
/// commands can do.
bool is_forbidden(std::string_view text);

/// Whether the server has no memory for more; it still does what needs none.
bool is_full(const Error& error);

/// MOVED and ASK name the node that has the slot: `MOVED 3999 127.0.0.1:6381`.
struct Redirect {
  bool ask = false;
  int slot = 0;
  std::string host;  ///< empty: the node that sent the redirect
  int port = 0;
};
std::optional<Redirect> parse_redirect(std::string_view text);

}  // namespace weir::redis
