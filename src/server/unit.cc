#include "server/unit.h"

#include <algorithm>

#include "io/write.h"

namespace weir::server {
namespace {

constexpr std::uint64_t kFew = 100;
constexpr std::uint64_t kMany = 1000;

bool is_small(const Request& request) {
  if (const auto* range = std::get_if<Xrange>(&request)) {
    return (range->count && *range->count <= kFew) || range->first == range->last;
  }
  return std::holds_alternative<Xlen>(request) || std::holds_alternative<Type>(request) ||
         std::holds_alternative<Exists>(request) || std::holds_alternative<XpendingSummary>(request) ||
         std::holds_alternative<XinfoStream>(request);
}

template <typename R>
constexpr bool only_looks(const R&) {
  return kOnlyLooks<R>;
}

bool only_looks(const Request& request) {
  return std::visit([](const auto& each) { return only_looks(each); }, request);
}

/// Whether it names very many entries.
bool names_many(const Request& request) {
  return std::visit(
      [](const auto& each) {
        if constexpr (requires { each.ids.size(); }) {
          return each.ids.size() > kMany;
        } else {
          return false;
        }
      },
      request);
}

bool is_read(const Request& request) {
  return std::holds_alternative<Xread>(request) || std::holds_alternative<Xreadgroup>(request);
}

}  // namespace

std::optional<Millis> take_block(Request& request) {
  if (auto* read = std::get_if<Xread>(&request)) {
    return std::exchange(read->block, std::nullopt);
  }
  if (auto* group = std::get_if<Xreadgroup>(&request)) {
    const bool history =
        std::ranges::any_of(group->sources, [](const auto& source) { return source.history_after.has_value(); });
    const auto block = std::exchange(group->block, std::nullopt);
    return history ? std::nullopt : block;
  }
  return std::nullopt;
}

Kind kind_of(const Ask& ask) {
  if (std::holds_alternative<Exec>(ask.what)) {
    return Kind::writes;
  }
  if (std::holds_alternative<Bytes>(ask.what)) {
    return Kind::small_look;
  }
  const auto* request = std::get_if<Request>(&ask.what);
  if (request != nullptr && !only_looks(*request)) {
    return Kind::writes;
  }
  return request != nullptr && is_small(*request) ? Kind::small_look : Kind::look;
}

bool may_take_long(const Unit& unit) {
  const auto is_long = [&](const Request& request) {
    if (const auto* read = std::get_if<Xreadgroup>(&request)) {
      return !unit.is_try && (!read->count || *read->count > kMany);  // for one who waits little has come
    }
    if (const auto* add = std::get_if<Xadd>(&request)) {  // the first that trims a stream may remove most of it
      return add->trim && (add->trim->limit == 0 || add->trim->limit > kMany);
    }
    if (const auto* claim = std::get_if<Xautoclaim>(&request)) {
      return claim->count > kMany;
    }
    return names_many(request) || std::holds_alternative<Xtrim>(request) || std::holds_alternative<Del>(request) ||
           std::holds_alternative<XgroupDestroy>(request) || std::holds_alternative<XgroupDelConsumer>(request) ||
           std::holds_alternative<Flushall>(request);
  };
  return std::ranges::any_of(unit.asks, [&](const Ask& ask) {
    if (const auto* exec = std::get_if<Exec>(&ask.what)) {
      const auto& requests = exec->transaction.requests();
      return requests.size() > kMany || std::ranges::any_of(requests, is_long);
    }
    const auto* request = std::get_if<Request>(&ask.what);
    return request != nullptr && is_long(*request);
  });
}

void note_touched(const Ask& ask, TouchedStreams& touched) {
  const auto note_unknown = [&](const std::string& stream, bool for_readers, bool to_claim = false) {
    Touched& at = touched[stream];
    at.by_others = true;
    at.for_readers = at.for_readers || for_readers;
    at.to_claim = at.to_claim || to_claim;
  };
  const auto note = [&](const Request& request) {
    if (const auto* add = std::get_if<Xadd>(&request)) {
      Touched& at = touched[add->stream];
      ++at.added;
      at.for_readers = true;
    } else if (const auto* rename = std::get_if<Rename>(&request)) {
      note_unknown(rename->from, true);
      note_unknown(rename->to, true);
    } else if (const auto* del = std::get_if<Del>(&request)) {
      for (const std::string& stream : del->streams) {
        note_unknown(stream, false);
      }
    } else if (!only_looks(request) && !is_read(request)) {
      const auto* claim = std::get_if<Xclaim>(&request);
      const bool frees = std::holds_alternative<Xnack>(request) || (claim != nullptr && claim->delivery_time);
      std::visit(
          [&](const auto& each) {
            if constexpr (requires { each.stream; }) {
              note_unknown(each.stream, false, frees);
            }
          },
          request);
    }
  };
  if (const auto* request = std::get_if<Request>(&ask.what)) {
    note(*request);
  } else if (const auto* exec = std::get_if<Exec>(&ask.what)) {
    std::ranges::for_each(exec->transaction.requests(), note);
  }
}

bool comes_after_tries(const Ask& ask) {
  const auto* request = std::get_if<Request>(&ask.what);
  const auto* add = request == nullptr ? nullptr : std::get_if<Xadd>(request);
  return kind_of(ask) == Kind::writes && (add == nullptr || add->trim);
}

std::string error_text(const Error& error) {
  const std::size_t space = error.message.find(' ');
  const std::string_view first = std::string_view(error.message).substr(0, space);
  const bool has_code = space != std::string::npos && !first.empty() &&
                        std::ranges::all_of(first, [](char c) { return (c >= 'A' && c <= 'Z') || c == '_'; });
  return has_code ? error.message : "ERR " + error.message;
}

void write_reply(std::string& out, int protocol, const Result<Reply>& reply, Shape shape) {
  if (!reply) {
    io::write_resp_error(out, error_text(reply.error()));
    return;
  }
  const auto* found = shape == Shape::time_to_live || shape == Shape::encoding ? std::get_if<Count>(&*reply) : nullptr;
  if (found != nullptr) {
    constexpr std::int64_t kNoTimeToLive = -1;
    constexpr std::int64_t kNoStream = -2;
    const auto writer = Client::writer(out, protocol);
    if (shape == Shape::time_to_live) {
      writer->integer(found->value == 0 ? kNoStream : kNoTimeToLive);
    } else {
      found->value == 0 ? writer->nil() : writer->bulk("stream");
    }
    return;
  }
  const auto* names = shape == Shape::as_it_is ? nullptr : std::get_if<Names>(&*reply);
  if (names != nullptr && shape == Shape::count_names) {
    Client::writer(out, protocol)->integer(static_cast<std::int64_t>(names->names.size()));
    return;
  }
  if (names != nullptr) {
    const auto writer = Client::writer(out, protocol);
    writer->array(2);
    writer->bulk("0");
  }
  if (names != nullptr && shape == Shape::scanned_nothing) {
    Client::writer(out, protocol)->array(0);
    return;
  }
  protocol == 3 ? io::write_resp3(out, *reply) : io::write_resp(out, *reply);
}

}  // namespace weir::server
