// Turns the words of a client into units.
#include <algorithm>
#include <array>
#include <utility>

#include "command/grammar_words.h"
#include "command/redis_command.h"
#include "server/administration.h"
#include "server/asked.h"
#include "server/loop.h"
#include "server/other_types.h"
#include "text/numbers.h"
#include "text/words.h"

namespace weir::server {
namespace {

using command::RedisCommand;
using command::Words;

constexpr std::size_t kMostAsks = 1000;
constexpr std::string_view kNoMonitor = "ERR MONITOR isn't allowed for DENY BLOCKING client";

bool is_control(std::string_view word) {
  return std::ranges::any_of(std::array{"multi", "exec", "discard", "quit", "reset"},
                             [&](std::string_view each) { return same_word(each, word); });
}

/// A line of HTTP: a web page in a browser on this machine can send such a line to any port, followed by commands.
bool is_of_a_browser(Words words) {
  return same_word(words[0], "post") || same_word(words[0], "host:");
}

/// The name of the command that the words begin with, even if the number of words is wrong. Empty: no such command.
std::string_view name_of(Words words) {
  const auto all = command::all_commands();
  const auto redis = std::ranges::find_if(all, [&](const RedisCommand* each) {
    const std::string_view second = command::second_name(each->name);
    return same_word(words[0], command::first_name(each->name)) &&
           (second.empty() || (words.size() > 1 && same_word(words[1], second)));
  });
  return redis != all.end() ? (*redis)->name : name_of_own(words);
}

std::string written(const Client& client, const auto& say) {
  std::string out;
  say(*Client::writer(out, client.protocol));
  return out;
}

std::string error(const Client& client, std::string_view message) {
  return written(client, [&](io::Resp& writer) { writer.error(message); });
}

/// The request that answers a command which is no request itself.
struct Look {
  Request request;
  Shape shape;
};

/// As Redis reads one, by strtoul: a sign may stand before it, and nothing at all is 0.
std::optional<std::uint64_t> scan_cursor(std::string_view word) {
  if (word.empty()) {
    return 0;
  }
  return whole_number<std::uint64_t>(word.substr(word[0] == '-' || word[0] == '+' ? 1 : 0));
}

Result<Look> parse_scan(Words words) {
  Keys keys;
  std::string error;
  const auto cursor = scan_cursor(words[1]);
  if (!cursor) {
    error = "ERR invalid cursor";
  }
  bool streams = true;
  for (std::size_t i = 2; i < words.size() && error.empty(); i += 2) {
    const bool more = i + 1 < words.size();
    if (more && same_word(words[i], "match")) {
      keys.pattern = words[i + 1];
    } else if (more && same_word(words[i], "count")) {
      const auto count = parse_integer(words[i + 1]);
      error = !count ? "ERR value is not an integer or out of range" : *count < 1 ? "ERR syntax error" : "";
    } else if (more && same_word(words[i], "type")) {
      streams = same_word(words[i + 1], "stream");
    } else {
      error = "ERR syntax error";
    }
  }
  if (!error.empty()) {
    return fail(Failure::usage, std::move(error));
  }
  const bool nothing = !streams || *cursor != 0;
  if (nothing) {
    keys.pattern = "";  // matches no stream, as a name is never empty
  }
  return Look{std::move(keys), nothing ? Shape::scanned_nothing : Shape::scanned};
}

/// Parses a command that asks the store but is no request of its own.
Result<Look> parse_look(Words words) {
  if (same_word(words[0], "scan")) {
    return parse_scan(words);
  }
  if (same_word(words[0], "dbsize")) {
    return Look{Keys{}, Shape::count_names};
  }
  if (same_word(words[0], "object")) {
    return Look{Exists{{std::string(words[2])}}, Shape::encoding};
  }
  return Look{Exists{{std::string(words[1])}}, Shape::time_to_live};
}

/// What is wrong with the options of a MEMORY USAGE; empty: nothing.
std::string_view wrong_samples(Words options) {
  for (std::size_t i = 0; i < options.size(); i += 2) {
    if (i + 1 == options.size() || !same_word(options[i], "samples")) {
      return "ERR syntax error";
    }
    const auto count = parse_integer(options[i + 1]);
    if (!count || *count < 0) {
      return count ? "ERR syntax error" : "ERR value is not an integer or out of range";
    }
  }
  return {};
}

Error too_large() {
  return {Failure::usage, "ERR the transaction is too large"};
}

/// Fills in the ask's command name, and whether the client wants the answer.
Ask made(Client& client, Ask ask) {
  ask.command = client.last_command;
  ask.replies = client.replies && !std::exchange(client.skip_next, false);
  return ask;
}

/// Looks run in threads beside the writing thread; small looks may also come between two writes.
bool goes_with(const Unit& unit, Kind kind, bool is_watch) {
  if (is_watch) {
    return false;
  }
  return kind == Kind::small_look || (kind == Kind::writes ? unit.writes || unit.is_small : !unit.writes);
}

}  // namespace

void Loop::advance(Connection& connection) {
  Client& client = connection.client;
  std::unique_ptr<Unit> unit;
  while (!connection.busy && !connection.held && !connection.rest && !client.is_blocked && !client.ending &&
         !client.killed && !ending_ && connection.waiting_out() < kMuchOut) {
    if (connection.next) {
      if (add(connection, *std::exchange(connection.next, std::nullopt), unit) != Taken::more) {
        break;
      }
    }
    const auto found = connection.reader.look();
    if (found == io::CommandReader::Found::nothing) {
      break;
    }
    if (found == io::CommandReader::Found::broken) {
      answer(connection, error(client, connection.reader.error()), unit);
      client.ending = true;
      break;
    }
    taken_at_ = std::chrono::steady_clock::now();
    const std::size_t queued = client.session.queued();
    const Taken taken = take(connection, connection.reader.words(), unit);
    if (client.session.is_spoiled()) {
      forget_commands(connection);
    } else if (client.session.queued() > queued) {
      connection.commands.push_back(client.last_command);
    }
    if (client.last_command.empty() && taken != Taken::again) {
      client.last_command = name_of(connection.reader.words());
    }
    if (taken != Taken::again) {
      connection.reader.consume();
      ++client.commands;
      ++about_.figures.commands;
    }
    if (taken != Taken::more) {
      break;
    }
  }
  connection.crowded = connection.waiting_out() >= kMuchOut;
  if (unit) {
    connection.busy = true;
    units_.push_back(std::move(unit));
  }
}

/// Appends an answer that needs no store; it comes after the answers of the unit.
void Loop::answer(Connection& connection, std::string bytes, std::unique_ptr<Unit>& unit) {
  Client& client = connection.client;
  if (!client.replies || std::exchange(client.skip_next, false)) {
    return;
  }
  if (unit) {
    unit->asks.push_back({Bytes{std::move(bytes)}});
  } else {
    connection.out += bytes;
  }
}

Loop::Taken Loop::take(Connection& connection, Words words, std::unique_ptr<Unit>& unit) {
  Client& client = connection.client;
  if (is_of_a_browser(words)) {
    options_.log("client " + std::to_string(client.id) + " (" + client.address + ") is dropped: it speaks HTTP");
    client.ending = true;
    return Taken::last;
  }
  if (!client.authenticated && !is_for_strangers(words)) {
    count_rejected(words);
    client.last_command = {};
    answer(connection, error(client, "NOAUTH Authentication required."), unit);
    return Taken::more;
  }
  const bool is_ours = is_own(words);
  if (is_ours && unit && is_administrative(words) && (!client.session.is_queueing() || is_control(words[0]))) {
    return Taken::again;
  }
  if (!clients_.monitors.empty()) {
    show(client, words);
  }
  if (is_ours) {
    return take_own(connection, words, unit);
  }
  if (client.session.is_queueing() && !is_control(words[0]) && !note_queued(connection, words)) {
    count_rejected(words);
    client.last_command = {};
    return take_step(connection, client.session.spoil(too_large()), Shape::as_it_is, unit);
  }
  const auto known = command::find_command(words);
  client.last_command = known ? (*known)->name : std::string_view();
  const bool was_queueing = client.session.is_queueing();
  if (!known) {
    count_rejected(words);
  }
  auto step = client.session.take(words);
  if (auto* error = std::get_if<Error>(&step); error != nullptr && error->message.starts_with("ERR unknown command")) {
    error->message += kind_of_server(words[0]);
  }
  if (was_queueing && !client.session.is_queueing() && !std::holds_alternative<command::Transaction>(step)) {
    forget_transaction(connection);
    client.watched.clear();
  }
  return take_step(connection, std::move(step), Shape::as_it_is, unit);
}

/// Takes a command that has a row in the server's own table.
Loop::Taken Loop::take_own(Connection& connection, Words words, std::unique_ptr<Unit>& unit) {
  Client& client = connection.client;
  auto known = check_own(words);
  client.last_command = known ? *known : std::string_view();
  if (!known) {
    count_rejected(words);
    return take_step(connection, client.session.spoil(std::move(known.error())), Shape::as_it_is, unit);
  }
  const bool queues = client.session.is_queueing() && !is_control(words[0]);
  if (!queues && asks_for_keyspace(words)) {
    return add(connection, made(client, {CountStreams{info_text(client, clients_, about_, words)}}), unit);
  }
  if (queues && !note_queued(connection, words)) {
    count_rejected(words);
    client.last_command = {};
    return take_step(connection, client.session.spoil(too_large()), Shape::as_it_is, unit);
  }
  if (is_administrative(words)) {
    if (!queues) {
      return administer_now(connection, words);
    }
    if (same_word(words[0], "monitor")) {
      return take_step(connection, client.session.queue(Error{Failure::refused, std::string(kNoMonitor)}),
                       Shape::as_it_is, unit);
    }
    connection.own.emplace(client.session.queued(), std::vector<std::string>(words.begin(), words.end()));
    if (asks_for_keyspace(words)) {
      return take_step(connection, client.session.queue(Request(Keys{})), Shape::as_it_is, unit);
    }
    return take_step(connection, client.session.queue(Reply(Ok{})), Shape::as_it_is, unit);
  }
  if (same_word(words[0], "watch")) {
    return take_watch(connection, words, unit);
  }
  if (same_word(words[0], "memory")) {
    return take_memory(connection, words, unit);
  }
  if (same_word(words[0], "unwatch")) {
    if (queues) {
      return take_step(connection, client.session.queue(Reply(Ok{})), Shape::as_it_is, unit);
    }
    client.watched.clear();
    count(client.last_command, false);
    answer(connection, written(client, [](io::Resp& writer) { writer.status("OK"); }), unit);
    return Taken::more;
  }
  if (!queues && same_word(words[0], "dbsize")) {
    return add(connection, made(client, {CountStreams{}}), unit);
  }
  Result<Look> look = parse_look(words);
  if (!look) {
    Error error = std::move(look.error());
    return take_step(connection, queues ? client.session.queue(std::move(error)) : std::move(error), Shape::as_it_is,
                     unit);
  }
  if (queues) {
    connection.shapes.emplace(client.session.queued(), look->shape);
    return take_step(connection, client.session.queue(std::move(look->request)), Shape::as_it_is, unit);
  }
  return add(connection, made(client, {std::move(look->request), look->shape}), unit);
}

Loop::Taken Loop::take_watch(Connection& connection, Words words, std::unique_ptr<Unit>& unit) {
  Client& client = connection.client;
  if (client.session.is_queueing()) {
    count(client.last_command, true);
    answer(connection, error(client, "ERR WATCH inside MULTI is not allowed"), unit);
    return Taken::more;
  }
  return add(connection, made(client, {Watch{{words.begin() + 1, words.end()}}}), unit);
}

/// MEMORY USAGE, the only subcommand of MEMORY.
Loop::Taken Loop::take_memory(Connection& connection, Words words, std::unique_ptr<Unit>& unit) {
  Client& client = connection.client;
  if (const std::string_view wrong = wrong_samples(words.subspan(3)); !wrong.empty()) {
    return take_step(connection, client.session.spoil({Failure::usage, std::string(wrong)}), Shape::as_it_is, unit);
  }
  if (client.session.is_queueing()) {
    return take_step(connection, client.session.spoil({Failure::usage, "ERR Command not allowed inside a transaction"}),
                     Shape::as_it_is, unit);
  }
  return add(connection, made(client, {Measure{std::string(words[2])}}), unit);
}

/// Shows the command to all clients that gave MONITOR.
void Loop::show(const Client& client, Words words) {
  const bool known = is_own(words) ? check_own(words).has_value() : command::find_command(words).has_value();
  if (!known) {
    return;
  }
  const std::string line = monitor_line(client, words);
  for (const std::uint64_t id : clients_.monitors) {
    Connection* connection = find(id);
    if (connection != nullptr) {
      connection->out += line;
      to_attend_.insert(id);
    }
  }
}

/// Answers a command that needs no store. Requires: all earlier commands of the client are done.
Loop::Taken Loop::administer_now(Connection& connection, Words words) {
  Client& client = connection.client;
  const bool was_known = client.authenticated;
  const bool said = client.replies;
  const bool skipped = std::exchange(client.skip_next, false);
  std::string out;
  administer(client, clients_, about_, words, out);
  count(client.last_command, out.starts_with('-'));
  if (!client.session.is_queueing()) {
    forget_transaction(connection);
  }
  if (client.authenticated != was_known) {
    limit(connection);
  }
  if ((said || client.replies) && !skipped) {
    connection.out += out;
  }
  if (out.starts_with("-WRONGPASS")) {
    note_guess(client);
    hold(connection);
    return Taken::last;
  }
  if (client.authenticated && !was_known && was_guessed_at()) {
    hold(connection);  // else the delay alone would tell a guesser that a password was wrong
    return Taken::last;
  }
  return Taken::more;
}

Loop::Taken Loop::take_step(Connection& connection, command::Session::Step step, Shape shape,
                            std::unique_ptr<Unit>& unit) {
  Client& client = connection.client;
  if (const auto* reply = std::get_if<Reply>(&step)) {
    if (const auto* status = std::get_if<Status>(reply); status == nullptr || status->text != "QUEUED") {
      count(client.last_command, false);
    }
    std::string out;
    write_reply(out, client.protocol, *reply, Shape::as_it_is);
    answer(connection, std::move(out), unit);
    return Taken::more;
  }
  if (const auto* wrong = std::get_if<Error>(&step)) {
    count(client.last_command, true);
    answer(connection, error(client, error_text(*wrong)), unit);
    return Taken::more;
  }
  if (auto* request = std::get_if<Request>(&step)) {
    const auto block = take_block(*request);
    return add(connection, made(client, {std::move(*request), shape, true, block}), unit);
  }
  if (auto* doubtful = std::get_if<command::Doubtful>(&step)) {
    return add(connection, made(client, {std::move(*doubtful)}), unit);
  }
  return add(connection, made(client, exec(connection, std::move(std::get<command::Transaction>(step)))), unit);
}

/// False: the commands that wait for EXEC have grown too large.
bool Loop::note_queued(Connection& connection, Words words) const {
  constexpr std::size_t kOfEach = 256;
  for (const std::string_view word : words) {
    connection.queued += word.size();
  }
  connection.queued += kOfEach;
  return connection.queued <= options_.bounds.queued;
}

/// Forgets the commands of MULTI, but not how many bytes they took.
void Loop::forget_commands(Connection& connection) {
  connection.own.clear();
  connection.shapes.clear();
  connection.commands.clear();
}

void Loop::forget_transaction(Connection& connection) {
  forget_commands(connection);
  connection.queued = 0;
}

/// Counts a command that the loop has answered itself. Empty: the command is unknown or counted as rejected.
void Loop::count(std::string_view command, bool fails) {
  if (!command.empty()) {
    about_.figures.count(command, fails, std::chrono::steady_clock::now() - taken_at_);
  }
}

void Loop::count_rejected(Words words) {
  if (const std::string_view name = name_of(words); !name.empty()) {
    ++about_.figures.of[name].rejected;
  }
}

Ask Loop::exec(Connection& connection, command::Transaction transaction) {
  connection.queued = 0;
  return {Exec{std::move(transaction), std::exchange(connection.client.watched, {}), std::exchange(connection.own, {}),
               std::exchange(connection.shapes, {}), std::exchange(connection.commands, {})}};
}

/// Adds the ask to the unit, or begins a unit. An ask that does not go with the unit begins the next unit, which waits
/// for this one.
Loop::Taken Loop::add(Connection& connection, Ask ask, std::unique_ptr<Unit>& unit) {
  const Client& client = connection.client;
  const Kind kind = kind_of(ask);
  const bool is_watch = std::holds_alternative<Watch>(ask.what);
  const auto* exec = std::get_if<Exec>(&ask.what);
  if (unit != nullptr && !goes_with(*unit, kind, is_watch)) {
    connection.next = std::move(ask);
    return Taken::last;
  }
  const bool ends = is_watch || ask.block || (exec != nullptr && !exec->own.empty());
  if (!unit) {
    unit = std::make_unique<Unit>();
    unit->client = client.id;
    unit->protocol = client.protocol;
    unit->most_out = options_.bounds.out;
    unit->gone = connection.gone;
  }
  unit->writes = unit->writes || kind == Kind::writes;
  unit->is_small = unit->is_small && kind == Kind::small_look;
  unit->asks.push_back(std::move(ask));
  return ends || unit->asks.size() >= kMostAsks ? Taken::last : Taken::more;
}

}  // namespace weir::server
