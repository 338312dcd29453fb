#include "contract/generator.h"

#include <algorithm>

#include "redis/translate/encode.h"

namespace weir::test {
namespace {

using redis::Commands;
using redis::encode;
using redis::WireCommand;

class Generator {
 public:
  Generator(std::mt19937_64& random, const Profile& profile) : random_(random), profile_(profile) {}

  Step step() {
    Step step;
    if (!profile_.transactions || !one_in(8)) {
      step.requests.push_back(request());
      return step;
    }
    step.how = one_in(2) ? Step::How::go_on : Step::How::undo;
    const std::size_t length = 1 + below(4);
    while (step.requests.size() < length) {
      step.requests.push_back(request());
    }
    return step;
  }

 private:
  std::size_t below(std::size_t n) { return random_() % n; }
  bool one_in(std::size_t n) { return below(n) == 0; }

  template <typename T>
  T any(std::initializer_list<T> values) {
    return values.begin()[below(values.size())];
  }
  template <typename T>
  std::optional<T> maybe(T value, std::size_t n = 3) {
    return one_in(n) ? std::optional(std::move(value)) : std::nullopt;
  }

  std::string stream() { return one_in(12) ? "c\xff d" : any<std::string>({"a", "a", "a", "b"}); }
  std::string group() { return any<std::string>({"g", "g", "g", "h"}); }
  std::string consumer() { return any<std::string>({"x", "x", "y", "z", ""}); }

  std::uint64_t part(bool high) {
    return high ? any<std::uint64_t>({0, 1, 1ULL << 63U, (1ULL << 63U) - 1, kMaxPart - 1, kMaxPart}) : below(8);
  }
  Id id() {
    const bool high = one_in(25);
    return {part(high), one_in(3) ? part(high) : below(3)};
  }
  std::vector<Id> ids() {
    std::vector<Id> all;
    for (std::size_t n = 1 + below(4); n > 0; --n) {
      all.push_back(id());
    }
    return all;
  }
  std::optional<std::uint64_t> count() { return maybe<std::uint64_t>(any<std::uint64_t>({0, 1, 1, 2, 3, 100})); }
  /// For XREAD and XREADGROUP no count is none: the grammar makes no request with 0 of them.
  std::optional<std::uint64_t> read_count() { return maybe<std::uint64_t>(any<std::uint64_t>({1, 1, 2, 3, 100})); }
  Millis min_idle() { return any<Millis>({Millis(0), Millis(0), Millis(0), Millis(3'600'000)}); }

  NewId new_id() {
    if (one_in(3)) {
      const Id exact = id();
      return {NewId::Kind::exact, exact == kMinId ? Id{0, 1} : exact};  // the grammar refuses 0-0
    }
    if (one_in(6)) {
      return {NewId::Kind::automatic, {}};
    }
    return {NewId::Kind::automatic_sequence, {part(one_in(60)), 0}};
  }
  /// A count that is not true makes servers of 7.0 answer with a lag that is not true either.
  std::optional<std::uint64_t> entries_read(std::size_t n) {
    const auto count = maybe<std::uint64_t>(below(9), n);
    return profile_.removes ? count : std::nullopt;
  }
  References references() { return any({References::keep, References::keep, References::remove, References::acked}); }
  Trim trim() {
    Trim trim;
    trim.by = any({Trim::By::maxlen, Trim::By::minid});
    trim.maxlen = below(6);
    trim.minid = id();
    trim.references = profile_.references ? references() : References::keep;
    return trim;
  }
  Fields some_fields() {
    return Fields::from_pairs({{any<std::string>({"f", "name", "\xfe"}), std::to_string(below(100))},
                               {"g", any<std::string>({"", "a \"quoted\" \n line", std::string("\0\x80", 2)})}});
  }

  Request add() {
    return Xadd{stream(), new_id(), some_fields(), !one_in(10), profile_.removes ? maybe(trim(), 12) : std::nullopt};
  }
  Request read() {
    Xread read{{}, read_count(), std::nullopt};
    for (std::size_t n = 1 + below(2); n > 0; --n) {
      read.sources.push_back({stream(),
                              {any({Xread::From::Kind::after, Xread::From::Kind::after, Xread::From::Kind::end,
                                    Xread::From::Kind::last_entry}),
                               id()}});
    }
    return read;
  }
  Request group_read() {
    Xreadgroup read{group(), consumer(), {}, read_count(), std::nullopt, one_in(6)};
    read.claim = profile_.claim ? maybe(min_idle()) : std::nullopt;
    std::string name = stream();
    for (std::size_t n = one_in(4) ? 2 : 1; n > 0; --n) {
      read.sources.push_back({name, maybe(one_in(2) ? Id{} : id())});
      name = name == "a" ? "b" : "a";
    }
    return read;
  }
  Request acknowledge() {
    Xack ack{stream(), group(), ids(), std::nullopt, one_in(6)};
    ack.owner = maybe(consumer(), 4);
    return ack;
  }
  Request claim() {
    Xclaim claim;
    claim.stream = stream();
    claim.group = group();
    claim.consumer = consumer();
    claim.min_idle = min_idle();
    claim.ids = ids();
    std::sort(claim.ids.begin(), claim.ids.end());
    claim.ids.erase(std::unique(claim.ids.begin(), claim.ids.end()), claim.ids.end());
    claim.delivery_time = maybe<UnixMs>(any<UnixMs>({UnixMs(0), UnixMs(1000)}), 4);
    claim.deliveries = maybe<std::uint64_t>(any<std::uint64_t>({0, 1, 7, 1ULL << 50U}), 5);
    claim.force = one_in(3);
    claim.just_id = one_in(4);
    claim.last_id = maybe(id(), 8);
    claim.owner = maybe(consumer(), 6);
    return claim;
  }
  Request group_change() {
    switch (below(9)) {
      case 0:
        return XgroupDestroy{stream(), group()};
      case 1:
        return XgroupDelConsumer{stream(), group(), consumer()};
      case 2:
      case 3:
        return XgroupCreateConsumer{stream(), group(), consumer()};
      case 4:
      case 5:
        return XgroupSetid{stream(), group(), maybe(id(), 2), entries_read(3)};
      default:
        return XgroupCreate{
            stream(),  group(),         one_in(4) ? std::nullopt : std::optional(one_in(2) ? Id{} : id()),
            one_in(2), entries_read(6), one_in(4)};
    }
  }
  Request removal() {
    if (!profile_.removes || one_in(3)) {
      return add();
    }
    switch (below(profile_.references ? 9 : 6)) {
      case 6:
      case 7:
        return Xdelex{stream(), ids(), references()};
      case 8:
        return Xackdel{stream(), group(), ids(), references()};
      case 0:
        return Xtrim{stream(), trim()};
      case 1:
        return Xsetid{stream(), id(), std::nullopt, std::nullopt};
      case 2:
        return Xsetid{stream(), id(), maybe<std::uint64_t>(below(20), 2), maybe(id(), 2)};
      default:
        return Xdel{stream(), ids()};
    }
  }
  Request whole_stream() {
    switch (below(7)) {
      case 0:
        return Del{{stream(), stream()}};
      case 1:
        return Rename{stream(), stream()};
      case 2:
        return Exists{{stream(), stream()}};
      case 3:
        return Type{stream()};
      default:
        return Xlen{stream()};
    }
  }
  Request look() {
    switch (below(8)) {
      case 0:
        return XpendingSummary{stream(), group()};
      case 1:
      case 2:
        return Xpending{stream(),
                        group(),
                        min_idle(),
                        one_in(2) ? kMinId : id(),
                        one_in(2) ? kMaxId : id(),
                        below(5),
                        maybe(consumer(), 3)};
      case 3:
        return XinfoStream{stream()};
      case 4:
        return XinfoStreamFull{stream(), below(4)};
      case 5:
        return XinfoGroups{stream()};
      case 6:
        return XinfoConsumers{stream(), group()};
      default:
        return Xrange{stream(), one_in(2) ? kMinId : id(), one_in(2) ? kMaxId : id(), one_in(2), count()};
    }
  }

  Request request() {
    switch (below(20)) {
      case 0:
      case 1:
      case 2:
      case 3:
      case 4:
        return add();
      case 5:
      case 6:
      case 7:
        return group_read();
      case 8:
        return acknowledge();
      case 9:
      case 10:
        return claim();
      case 11:
        return Xautoclaim{stream(),     group(),  consumer(), min_idle(), one_in(2) ? kMinId : id(),
                          1 + below(3), one_in(3)};
      case 12:
      case 13:
        return group_change();
      case 14:
        return removal();
      case 15:
        return one_in(2) ? whole_stream() : read();
      case 16:
        return read();
      default:
        return look();
    }
  }

  std::mt19937_64& random_;
  const Profile& profile_;
};

/// A word as redis-cli reads it.
std::string quoted(const std::string& word) {
  constexpr const char* kHex = "0123456789abcdef";
  const bool plain = !word.empty() && word.find_first_not_of(
                                          "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789"
                                          "-+*$>=~_.") == std::string::npos;
  if (plain) {
    return word;
  }
  std::string text = "\"";
  for (const char c : word) {
    const auto byte = static_cast<unsigned char>(c);
    if (byte < 0x20 || byte > 0x7e || c == '"' || c == '\\') {
      text += {'\\', 'x', kHex[byte >> 4U], kHex[byte & 15U]};
    } else {
      text += c;
    }
  }
  return text + "\"";
}

/// The words of a command, read back from the bytes that go to a server.
std::string line_of(const WireCommand& command) {
  std::string wire;
  command.append_to(wire);
  std::string line = command.is_own() ? "# weir's own:" : "";
  for (std::size_t at = wire.find('$'); at < wire.size();) {
    const std::size_t start = wire.find("\r\n", at) + 2;
    const std::size_t length = std::stoul(wire.substr(at + 1));
    line += (line.empty() ? "" : " ") + quoted(wire.substr(start, length));
    at = start + length + 2;
  }
  return line;
}

}  // namespace

Steps generate(std::mt19937_64& random, const Profile& profile, std::size_t length) {
  Generator generator(random, profile);
  Steps steps;
  while (steps.size() < length) {
    steps.push_back(generator.step());
  }
  return steps;
}

std::string to_lines(const Steps& steps) {
  std::string lines;
  for (const Step& step : steps) {
    const bool transaction = step.how != Step::How::alone;
    lines += transaction ? (step.how == Step::How::undo ? "MULTI  # undone if anything is refused\n" : "MULTI\n") : "";
    for (const Request& request : step.requests) {
      const Commands commands = std::visit([](const auto& r) { return encode(r); }, request);
      const bool several = std::holds_alternative<Xread>(request);  // one for each `+`
      for (std::size_t i = 0; i < (several ? commands.size() : 1); ++i) {
        lines += line_of(commands[i]) + "\n";
      }
    }
    lines += transaction ? "EXEC\n" : "";
  }
  return lines;
}

}  // namespace weir::test
