// The keys that weir keeps on a server beside a stream, for what a stream itself has no place for.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace weir::redis {

/// `weir:PURPOSE:{TAG}STREAM`, always in the slot of the stream: TAG is what that is computed from, or, where this
/// cannot stand between braces, the first number that gives the same slot. It is the same on a single server, so that
/// nothing has to be asked for it. Two streams never have the same key.
/// Requires: `purpose` is of lower-case letters.
std::string sidecar_key(std::string_view purpose, std::string_view stream);

/// Every key that there may be beside a stream, in one order for all streams. The last is its bell, a stream that gets
/// an entry when something has changed that those who wait on the stream must look at. Its IDs count microseconds: one
/// that somebody has seen must not come again when the bell is deleted and rung anew.
std::vector<std::string> sidecar_keys(std::string_view stream);

/// Whether a key has the form of these.
bool is_sidecar_key(std::string_view key);

}  // namespace weir::redis
