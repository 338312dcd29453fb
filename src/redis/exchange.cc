// Sending a request once: sending commands, reading replies, and what happens if the connection breaks in between.
#include <poll.h>

#include <algorithm>

#include "redis/redis_engine.h"
#include "redis/redis_store.h"
#include "redis/scripts/script.h"
#include "redis/wire/reply_types.h"
#include "redis/wire/tls.h"

namespace weir::redis {
namespace {

/// The key that decides which node is asked; null: the commands have no key.
const std::string* first_key(const Commands& commands) {
  for (const WireCommand& command : commands) {
    if (!command.keys().empty()) {
      return &command.keys().front();
    }
  }
  return nullptr;
}

void append_executable(const WireCommand& command, std::string& wire) {
  if (command.is_own()) {
    script_call(std::span(&command, 1), ScriptMode::go_on).append_to(wire);
  } else {
    command.append_to(wire);
  }
}

struct Wire {
  std::string ahead;
  std::size_t ahead_replies = 0;
  std::string multi;  ///< empty: no transaction
  std::string bytes;
  std::size_t replies = 0;
};

Wire wire_of(const Commands& commands, const Ahead* ahead) {
  Wire wire;
  if (ahead != nullptr) {
    wire.ahead_replies = ahead->commands.size();
    for (const WireCommand& command : ahead->commands) {
      command.append_to(wire.ahead);
    }
  }
  const bool transaction = commands.size() > 1;
  wire.replies = commands.size() + (transaction ? 1 : 0);
  for (const WireCommand& command : commands) {
    append_executable(command, wire.bytes);
  }
  if (transaction) {
    WireCommand("MULTI").append_to(wire.multi);
    WireCommand("EXEC").append_to(wire.bytes);
  }
  return wire;
}

/// The replies to the commands that were sent ahead.
tl::expected<std::vector<ReplyPtr>, Lost> first_replies(Connection& connection, std::size_t count) {
  std::vector<ReplyPtr> replies;
  while (replies.size() < count) {
    auto reply = connection.receive();
    if (!reply) {
      return tl::unexpected(std::move(reply).error());
    }
    replies.push_back(std::move(*reply));
  }
  return replies;
}

/// Reads `count` replies; returns the last, or the first error that came before it.
tl::expected<ReplyPtr, Lost> last_reply(Connection& connection, std::size_t count) {
  ReplyPtr refusal;
  while (true) {
    auto reply = connection.receive();
    if (!reply || --count == 0) {
      return reply && refusal ? std::move(refusal) : std::move(reply);
    }
    bool odd = false;
    if (!refusal && Value(reply->get(), &odd).is_error()) {
      refusal = std::move(*reply);
    }
  }
}

/// Sends and reads; returns the last reply, or the first error. If a server refused MULTI, it would do the commands one
/// by one, so the answer to the first MULTI is awaited before the rest is sent.
tl::expected<ReplyPtr, Lost> converse(Connection& connection, const Wire& wire, bool asking, Ahead* ahead) {
  const auto take_ahead = [&]() -> tl::expected<void, Lost> {
    auto taken = first_replies(connection, wire.ahead_replies);
    if (taken && ahead != nullptr) {
      ahead->replies = std::move(*taken);
    }
    return taken ? tl::expected<void, Lost>() : tl::unexpected(std::move(taken).error());
  };
  std::string first = wire.ahead + wire.multi;
  bool ahead_taken = false;
  std::size_t replies = wire.replies + (wire.multi.empty() ? 0 : 1);
  if (!wire.multi.empty() && !connection.may_transact()) {
    auto begun = connection.send(first).and_then(take_ahead).and_then([&] { return connection.receive(); });
    ahead_taken = true;
    bool odd = false;
    if (!begun || Value(begun->get(), &odd).is_error()) {
      return begun;
    }
    connection.note_transaction();
    first.clear();
    --replies;
  }
  if (asking) {
    WireCommand("ASKING").append_to(first);
    ++replies;
  }
  return connection.send(first + wire.bytes)
      .and_then([&] { return ahead_taken ? tl::expected<void, Lost>() : take_ahead(); })
      .and_then([&] { return last_reply(connection, replies); });
}

}  // namespace

Answers::Answers(ReplyPtr owner) : owner_(std::move(owner)) {}

Answers Answers::whole(ReplyPtr owner) {
  Answers answers(std::move(owner));
  answers.values_.emplace_back(answers.owner_.get(), answers.odd_.get());
  return answers;
}

Answers Answers::elements(ReplyPtr owner) {
  Answers answers(std::move(owner));
  const Value all(answers.owner_.get(), answers.odd_.get());
  for (std::size_t i = 0; i < all.size(); ++i) {
    answers.values_.push_back(all[i]);
  }
  return answers;
}

void Answers::unwrap(std::size_t i) {
  if (!values_[i].is_error()) {
    values_[i].expect(values_[i].size() == 1);
    values_[i] = values_[i][0];
  }
}

Result<void> Answers::understood() const {
  return *odd_ ? fail(Failure::store, "the server's answer has a shape that weir does not know") : Result<void>();
}

Error RedisEngine::fate(const Lost& lost, const Endpoint& node, Effect effect) {
  const std::string what = lost.misspoke
                               ? "what is at " + node.name() + " does not answer as a Redis server (" + lost.why + ")"
                               : "the connection to " + node.name() + " was lost (" + lost.why + ")";
  if (effect == Effect::only_looks) {
    return {Failure::store, what, lost.misspoke ? "is this its address and port?" : ""};
  }
  return {Failure::store, what + std::string(kNotKnown), "look before you repeat it: it may have been done"};
}

bool RedisEngine::pause(int attempt, const Deadline& deadline, int interrupt) {
  constexpr int kFirst = 20;
  constexpr int kMostDoublings = 6;
  const std::chrono::milliseconds wait(kFirst << std::min(attempt, kMostDoublings));
  pollfd waiting{interrupt, POLLIN, 0};
  const int ready = ::poll(&waiting, 1, static_cast<int>(deadline.left(wait).count()));
  return ready <= 0 && !deadline.passed();
}

Error RedisEngine::explained(Error error, const char* since) {
  // For a server that does not know an option of XADD, the option is a wrong ID.
  const bool too_old = since != nullptr && error.failure == Failure::usage;
  if ((!too_old && !is_unknown_to_server(error.message)) || !error.hint.empty()) {
    return error;
  }
  WireCommand info("INFO");
  info.add("server");
  const auto reply = ask_node(cluster_.seed(), info, Effect::only_looks);
  bool odd = false;
  const std::string_view text = reply ? Value(reply->get(), &odd).text() : std::string_view();
  for (const auto& [field, name] : {std::pair("valkey_version:", "Valkey "), std::pair("redis_version:", "Redis ")}) {
    if (const std::size_t at = text.find(field); at != std::string_view::npos) {
      const std::size_t start = at + std::string_view(field).size();
      error.hint = "the server is " + std::string(name) +
                   std::string(text.substr(start, text.find('\r', start) - start)) + ", which does not have this: " +
                   (since != nullptr ? "it came with Redis " + std::string(since)
                                     : "weir-servers(1) says what came with which version");
      break;
    }
  }
  return error;
}

Result<Connection*> RedisEngine::reconnect(const Endpoint& node, const Deadline& deadline, int interrupt) {
  leave_ahead();
  for (int attempt = 0;; ++attempt) {
    auto connection = cluster_.connect(node);
    if (connection || !pause(attempt, deadline, interrupt)) {
      return connection;
    }
  }
}

Result<void> RedisEngine::connect() {
  WEIR_TRY(cluster_.connect(cluster_.seed()));
  return {};
}

tl::unexpected<Error> RedisEngine::endless_redirects() {
  return fail(Failure::store, "the cluster sends this from node to node without an end");
}

Result<ReplyPtr> RedisEngine::insist(const Endpoint& node, const Converse& converse, Effect effect,
                                     const Deadline& deadline, int& attempt, bool* unknown) {
  for (;; ++attempt) {
    WEIR_ASSIGN(Connection * connection, reconnect(node, deadline));
    auto reply = converse(*connection);
    if (reply) {
      return std::move(*reply);
    }
    cluster_.drop(node);
    if (effect == Effect::only_looks && may_come_back(reply.error()) && pause(attempt, deadline)) {
      continue;
    }
    if (unknown != nullptr) {
      *unknown = true;
    }
    return tl::unexpected(fate(reply.error(), node, effect));
  }
}

Result<Answers> RedisEngine::exchange(const Commands& commands, Effect effect, bool* unknown, Ahead* ahead) {
  const Deadline deadline = Deadline::after(cluster_.timeouts().command);
  const Wire wire = wire_of(commands, ahead);
  Endpoint node = cluster_.node_for(first_key(commands));
  bool asking = false;
  int redirects = 0;
  for (int attempt = 0;; ++attempt) {
    const auto conversing = [&](Connection& connection) { return converse(connection, wire, asking, ahead); };
    WEIR_ASSIGN(ReplyPtr reply, insist(node, conversing, effect, deadline, attempt, unknown));
    Answers whole = Answers::whole(std::move(reply));
    const Value value = whole.values()[0];
    if (value.is_error()) {
      const auto redirect = parse_redirect(value.text());
      const bool endless = redirect && redirects++ == kMostRedirects;
      if (endless && commands.size() == 1) {
        return endless_redirects();  // a transaction gets such redirects if its streams have different slots
      }
      if (redirect && !endless) {
        // ASKING holds for one command only, so a transaction has to wait until the slot has moved.
        if (redirect->ask && commands.size() > 1 && !pause(attempt, deadline)) {
          return tl::unexpected(server_error(value.text()));
        }
        if (commands.size() == 1 || !redirect->ask) {
          WEIR_ASSIGN(node, cluster_.follow(*redirect, node));
        }
        asking = redirect->ask && commands.size() == 1;
        continue;
      }
      if (is_passing(value.text()) && pause(attempt, deadline)) {
        continue;
      }
      if (commands.size() > 1) {
        return tl::unexpected(explained(server_error(value.text())));
      }
    }
    Answers answers = commands.size() > 1 ? Answers::elements(whole.release()) : std::move(whole);
    if (answers.values().size() != commands.size()) {
      return fail(Failure::store, "the server's answer has a shape that weir does not know");
    }
    for (std::size_t i = 0; i < commands.size(); ++i) {
      if (commands[i].is_own()) {
        answers.unwrap(i);
      }
    }
    return answers;
  }
}

Result<std::unique_ptr<Store>> open_redis_store(const std::string& url, const StoreOptions& options) {
  WEIR_ASSIGN(Endpoint seed, parse_redis_url(url, options.password));
  Timeouts timeouts;
  timeouts.command = std::max(options.lock_timeout, std::chrono::milliseconds(1));
  timeouts.connect = std::min(timeouts.connect, timeouts.command);
  auto engine = std::make_unique<RedisEngine>(std::move(seed), timeouts);
  WEIR_TRY(engine->connect());
  return engine;
}

std::string library_version() {
  return std::to_string(HIREDIS_MAJOR) + "." + std::to_string(HIREDIS_MINOR) + "." + std::to_string(HIREDIS_PATCH);
}

bool has_tls() {
  return tls_is_available().has_value();
}

}  // namespace weir::redis
