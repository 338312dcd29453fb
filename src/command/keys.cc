// Commands about whole streams, which Redis calls keys, and commands that need no store.
#include "command/grammar_words.h"
#include "command/redis_command.h"
#include "text/words.h"

namespace weir::command {

namespace {

std::vector<std::string> names(Words words) {
  return {words.begin(), words.end()};
}

Result<Parsed> parse_del(const Line& line) {
  return Request(Del{names(line.words.subspan(1))});
}
Result<Parsed> parse_exists(const Line& line) {
  return Request(Exists{names(line.words.subspan(1))});
}
Result<Parsed> parse_rename(const Line& line) {
  return Request(Rename{std::string(line.words[1]), std::string(line.words[2])});
}
Result<Parsed> parse_type(const Line& line) {
  return Request(Type{std::string(line.words[1])});
}
Result<Parsed> parse_keys(const Line& line) {
  return Request(Keys{std::string(line.words[1])});
}

Result<Parsed> parse_flushall(const Line& line) {
  const Words how = line.words.subspan(1);
  const bool good = how.empty() || (how.size() == 1 && (same_word(how[0], "async") || same_word(how[0], "sync")));
  if (!good) {
    return syntax_error(how[0]);
  }
  return Request(Flushall{});
}

Result<Parsed> parse_ping(const Line& line) {
  if (line.words.size() > 2) {
    return wrong_arity(rows::ping.name);
  }
  return line.words.size() == 2 ? Reply(Text{std::string(line.words[1])}) : Reply(Status{"PONG"});
}

Result<Parsed> parse_echo(const Line& line) {
  return Reply(Text{std::string(line.words[1])});
}
Result<Parsed> parse_multi(const Line&) {
  return Control::multi;
}
Result<Parsed> parse_exec(const Line&) {
  return Control::exec;
}
Result<Parsed> parse_discard(const Line&) {
  return Control::discard;
}

}  // namespace

constinit const RedisCommand rows::del{"del", -2, Effect::writes, parse_del, {}, NamedStreams::all, "generic"};
constinit const RedisCommand rows::unlink{"unlink", -2, Effect::writes, parse_del, {}, NamedStreams::all, "generic"};
constinit const RedisCommand rows::exists{"exists", -2, Effect::looks, parse_exists, {}, NamedStreams::all, "generic"};
constinit const RedisCommand rows::touch{"touch", -2, Effect::looks, parse_exists, {}, NamedStreams::all, "generic"};
constinit const RedisCommand rows::rename{"rename", 3, Effect::writes, parse_rename, {}, NamedStreams::first_two,
                                          "generic"};
constinit const RedisCommand rows::type{"type", 2, Effect::looks, parse_type, {}, NamedStreams::first, "generic"};
constinit const RedisCommand rows::keys{"keys", 2, Effect::looks, parse_keys, {}, NamedStreams::none, "generic"};
constinit const RedisCommand rows::flushall{"flushall",         -1,      Effect::writes, parse_flushall, {},
                                            NamedStreams::none, "server"};
constinit const RedisCommand rows::flushdb{"flushdb",          -1,      Effect::writes, parse_flushall, {},
                                           NamedStreams::none, "server"};
constinit const RedisCommand rows::ping{"ping", -1, Effect::none, parse_ping, {}, NamedStreams::none, "connection"};
constinit const RedisCommand rows::echo{"echo", 2, Effect::none, parse_echo, {}, NamedStreams::none, "connection"};
constinit const RedisCommand rows::multi{"multi", 1, Effect::none, parse_multi, {}, NamedStreams::none, "transactions"};
constinit const RedisCommand rows::exec{"exec", 1, Effect::none, parse_exec, {}, NamedStreams::none, "transactions"};
constinit const RedisCommand rows::discard{"discard",     1, Effect::none, parse_discard, {}, NamedStreams::none,
                                           "transactions"};

}  // namespace weir::command
