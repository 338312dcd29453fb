// The keys that weir keeps beside a stream on a server, for facts that a stream itself cannot hold.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace weir::redis {

/// `weir:PURPOSE:{TAG}STREAM`, always in the slot of the stream. TAG is the part from which the stream's slot is
/// computed, or, if that cannot stand between braces, the first number that gives the same slot. A single server has
/// the same keys, so we need not ask whether there is a cluster. Two streams never have the same key. Requires:
/// `purpose` consists of lower-case letters.
std::string sidecar_key(std::string_view purpose, std::string_view stream);

/// All keys that may exist beside a stream, in the same order for all streams. The last is the bell: a stream that gets
/// an entry when something has changed that waiting readers must look at. The bell's IDs count microseconds, because an
/// ID that a reader has seen must not come again if the bell is deleted and rung anew.
std::vector<std::string> sidecar_keys(std::string_view stream);

/// Whether a key has the form of a key beside a stream.
bool is_sidecar_key(std::string_view key);

}  // namespace weir::redis
