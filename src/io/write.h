// Writes replies in each format. All functions append to `out` and do no I/O.
#pragma once

#include <span>
#include <string>
#include <string_view>

#include "stream/packing.h"
#include "stream/reply.h"
#include "stream/result.h"

namespace weir::io {

/// Appends one entry as a JSON line with its newline: `{"id":"1-1","stream":"s","fields":{"a":"b"}}`, with
/// `"deliveries":N` if known.
void write_entry_line(std::string& out, std::string_view stream, const Entry& entry);
void write_entry_lines(std::string& out, const Entries& entries);
void write_entry_lines(std::string& out, std::string_view stream, const PackedEntries& entries);

/// JSON lines for the shell: a line for each entry, IDs and whole numbers bare, nothing for OK and nil.
void write_lines(std::string& out, const Reply& reply);

/// The same, but each line is JSON: names and IDs are strings.
void write_json_lines(std::string& out, const Reply& reply);

/// Exactly one JSON value on one line, as `batch` answers: OK is "OK", nil is null.
void write_json(std::string& out, const Reply& reply);

/// The text that redis-cli prints on a terminal.
void write_redis_text(std::string& out, const Reply& reply);

/// RESP2 bytes, as a Redis server sends them.
void write_resp(std::string& out, const Reply& reply);

/// RESP3 bytes, as a server sends them after HELLO 3.
void write_resp3(std::string& out, const Reply& reply);

/// A refusal in each format: `{"error":"NOGROUP …"}`, `(error) NOGROUP …`, `-NOGROUP …` in RESP2 and RESP3. It is one
/// line, whatever the message contains.
void write_json_error(std::string& out, std::string_view message);
void write_redis_text_error(std::string& out, std::string_view message);
void write_resp_error(std::string& out, std::string_view message);

/// The answer to EXEC: all replies as one array (on one line as JSON), with refusals in their places.
using Replies = std::span<const Result<Reply>>;
void write_json(std::string& out, Replies replies);
void write_redis_text(std::string& out, Replies replies);
void write_resp(std::string& out, Replies replies);
void write_resp3(std::string& out, Replies replies);

}  // namespace weir::io
