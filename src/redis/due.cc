#include "redis/due.h"

#include <algorithm>
#include <charconv>

#include "redis/scripts/script_text.h"
#include "redis/sidecar_key.h"
#include "redis/wire/server_error.h"

namespace weir::redis {
namespace {

constexpr std::size_t kDigits = 16;

std::string padded(std::uint64_t number) {
  std::string digits = std::to_string(number);
  return std::string(kDigits - digits.size(), '0') + digits;
}

std::optional<std::uint64_t> number_in(std::string_view digits) {
  std::uint64_t number = 0;
  const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), number);
  return error == std::errc() && end == digits.data() + digits.size() ? std::optional(number) : std::nullopt;
}

void append_netstring(std::string& out, std::string_view bytes) {
  out.append(std::to_string(bytes.size())).append(":").append(bytes).append(",");
}

/// Takes the first string off `packed`; if there is none, returns an empty view and sets `*odd`.
std::string_view take_netstring(std::string_view& packed, bool& odd) {
  const std::size_t colon = packed.find(':');
  const auto size = colon == std::string_view::npos ? std::nullopt : number_in(packed.substr(0, colon));
  if (!size || *size >= packed.size() - colon - 1) {
    odd = true;
    return {};
  }
  const std::string_view bytes = packed.substr(colon + 1, *size);
  packed.remove_prefix(colon + 1 + *size + 1);
  return bytes;
}

WireCommand script(const char* text, std::span<const std::string> streams) {
  WireCommand call("EVAL");
  call.add(text).add(std::uint64_t{4 * streams.size()});
  for (const std::string& stream : streams) {
    call.add_key(stream);
    for (const char* purpose : {"due", "delayed", "bell"}) {
      call.add_key(sidecar_key(purpose, stream));
    }
  }
  return call;
}

}  // namespace

std::vector<std::string> streams_seen(const Request& request) {
  return std::visit([](const auto& r) { return seen_by(r); }, request);
}

std::vector<std::string> seen_by(const Xlen& request) {
  return {request.stream};
}
std::vector<std::string> seen_by(const Xrange& request) {
  return {request.stream};
}
std::vector<std::string> seen_by(const Xtrim& request) {
  return {request.stream};
}
std::vector<std::string> seen_by(const XinfoStream& request) {
  return {request.stream};
}
std::vector<std::string> seen_by(const XinfoStreamFull& request) {
  return {request.stream};
}
std::vector<std::string> seen_by(const XinfoGroups& request) {
  return {request.stream};
}

std::vector<std::string> seen_by(const Xread& request) {
  std::vector<std::string> streams;
  streams.reserve(request.sources.size());
  for (const auto& source : request.sources) {
    streams.push_back(source.stream);
  }
  return streams;
}

std::vector<std::string> seen_by(const Xreadgroup& request) {
  std::vector<std::string> streams;
  for (const auto& source : request.sources) {
    if (!source.history_after) {
      streams.push_back(source.stream);
    }
  }
  return streams;
}

// The ID `$` depends on the last entry.
std::vector<std::string> seen_by(const XgroupCreate& request) {
  return request.start ? std::vector<std::string>() : std::vector{request.stream};
}
std::vector<std::string> seen_by(const XgroupSetid& request) {
  return request.start ? std::vector<std::string>() : std::vector{request.stream};
}

WireCommand peek(const std::string& stream) {
  WireCommand command("ZRANGE");
  command.add_key(sidecar_key("due", stream)).add("0").add("0");
  return command;
}

WireCommand look(std::span<const std::string> streams) {
  return script(kLookScript, streams);
}

WireCommand change(std::span<const std::string> streams, std::string_view action) {
  WireCommand call = script(kChangeScript, streams);
  call.add(action);
  return call;
}

WireCommand change_unless(const std::string& stream, const std::string& key, std::string_view action) {
  WireCommand call = script(kDelayUnlessScript, std::span(&stream, 1));
  call.add(key).add(action);
  return call;
}

Looked decode_look(Value reply) {
  Looked looked;
  looked.appended = reply[0].number();
  looked.more = reply[1].number() == 1 && looked.appended > 0;
  looked.stuck = reply[1].number() == 2;
  const auto left = static_cast<std::int64_t>(reply[2].number());
  if (left >= 0) {
    looked.left = Millis(left);
  }
  for (std::size_t i = 3; i + 1 < reply.size(); i += 2) {
    looked.first.emplace_back(reply[i].text());
    looked.rung.emplace_back(reply[i + 1].text());
  }
  return looked;
}

bool is_forbidden(Value reply) {
  return reply.is_error() && is_forbidden(reply.text());
}

std::string pack(const Handle& handle) {
  return padded(static_cast<std::uint64_t>(handle.due.count())) + "-" + padded(handle.number);
}

std::optional<Handle> unpack_handle(std::string_view packed) {
  const auto due = number_in(packed.substr(0, kDigits));
  const auto number = packed.size() > kDigits ? number_in(packed.substr(kDigits + 1)) : std::nullopt;
  if (!due || !number) {
    return std::nullopt;
  }
  return Handle{UnixMs(static_cast<std::int64_t>(*due)), *number};
}

std::string pack(const Fields& fields, const std::optional<std::string>& key) {
  std::string packed;
  if (key) {
    append_netstring(packed, *key);
  }
  fields.each([&](std::string_view name, std::string_view value) {
    append_netstring(packed, name);
    append_netstring(packed, value);
  });
  return packed;
}

void unpack(std::string_view packed, DelayedMessage& message) {
  std::vector<std::string_view> parts;
  for (bool odd = false; !packed.empty() && !odd;) {
    const std::string_view part = take_netstring(packed, odd);
    if (!odd) {
      parts.push_back(part);
    }
  }
  std::size_t first = 0;
  if (parts.size() % 2 == 1) {
    message.key = parts[first++];
  }
  std::vector<FieldView> pairs;
  for (; first + 1 < parts.size(); first += 2) {
    pairs.push_back({parts[first], parts[first + 1]});
  }
  message.fields = Fields::from_views(pairs);
}

bool FirstHandles::may_be_due(const std::string& stream, Value peeked) const {
  if (peeked.is_error() || peeked.size() == 0) {
    return false;
  }
  const auto seen = seen_.find(stream);
  return seen == seen_.end() || seen->second.first != peeked[0].text() ||
         std::chrono::steady_clock::now() >= seen->second.good_until;
}

void FirstHandles::note(const std::string& stream, std::string first, std::optional<Millis> left, SteadyTime sent) {
  // Not longer, as the server's clock may be set forward.
  constexpr Millis kLongest{1000};
  if (left) {
    seen_[stream] = {std::move(first), sent + std::min(*left, kLongest)};
  } else {
    seen_.erase(stream);
  }
}

}  // namespace weir::redis
