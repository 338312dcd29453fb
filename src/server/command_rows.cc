// COMMAND: lists the commands, from their rows.
#include <algorithm>
#include <array>
#include <vector>

#include "command/named_streams.h"
#include "command/usage.h"
#include "server/asked.h"
#include "text/glob.h"
#include "text/words.h"

namespace weir::server {
namespace {

using command::Argument;
using command::Effect;
using command::NamedStreams;
using command::RedisCommand;
using command::Words;

/// A command as COMMAND describes it, from either of the two tables.
struct Known {
  std::string_view name;
  int arity = 0;
  std::string_view group = {};
  std::string_view summary = {};
  NamedStreams names = NamedStreams::none;
  const RedisCommand* redis = nullptr;  ///< null: the command is not about the store
  std::string_view usage = {};          ///< of a command about the store

  bool is_sub() const { return name.find('|') != std::string_view::npos; }
  std::string_view first() const { return name.substr(0, name.find('|')); }
};

/// A command with its subcommands. A command that has subcommands cannot be given without one.
struct Family {
  Known head;
  std::vector<Known> subs;
};

void add(std::vector<Family>& families, const Known& known) {
  if (!known.is_sub()) {
    // COMMAND is both a command and a container.
    const auto family = std::ranges::find(families, known.name, [](const Family& each) { return each.head.name; });
    if (family == families.end()) {
      families.push_back({known, {}});
    } else {
      family->head = known;
    }
    return;
  }
  auto family = std::ranges::find(families, known.first(), [](const Family& each) { return each.head.name; });
  if (family == families.end()) {
    constexpr int kWithSub = -2;
    families.push_back({{known.first(), kWithSub, known.group}, {}});
    family = families.end() - 1;
  }
  family->subs.push_back(known);
}

std::vector<Family> families(const About& about) {
  std::vector<Family> all;
  for (const RedisCommand* each : command::all_commands()) {
    const command::Documented documented = about.documented(*each);
    add(all, {each->name, each->arity, each->group, documented.summary, each->names, each, documented.usage});
  }
  for (const auto family : rows()) {
    for (const Row& row : family) {
      add(all, {row.name, row.arity, row.group, row.summary, row.names});
    }
  }
  return all;
}

/// Finds "xgroup|create" or "xgroup".
const Known* find(const std::vector<Family>& all, std::string_view name, const Family** family = nullptr) {
  for (const Family& each : all) {
    if (same_word(each.head.name, name)) {
      if (family != nullptr) {
        *family = &each;
      }
      return &each.head;
    }
    for (const Known& sub : each.subs) {
      if (same_word(sub.name, name)) {
        return &sub;
      }
    }
  }
  return nullptr;
}

/// The positions of the first and the last stream name, and the step between two names. 0, 0, 0: the command names no
/// stream, or the positions depend on its words.
struct Places {
  int first = 0;
  int last = 0;
  int step = 0;
};

Places places_of(const Known& known) {
  const int begin = known.is_sub() ? 2 : 1;
  switch (known.names) {
    case NamedStreams::first:
      return {begin, begin, 1};
    case NamedStreams::first_two:
      return {begin, begin + 1, 1};
    case NamedStreams::all:
      return {begin, -1, 1};
    case NamedStreams::none:
    case NamedStreams::after_streams:
      break;
  }
  return {};
}

// As Redis marks them: what adds to what is stored, and what takes no longer in a long stream than in a short one.
constexpr auto kAdding = std::to_array<std::string_view>({"xadd", "xgroup|create", "xgroup|createconsumer", "xsetid"});
constexpr auto kFast = std::to_array<std::string_view>(
    {"discard", "echo",       "exists",  "multi",  "ping", "touch",  "type",        "unlink", "xack",  "xackdel",
     "xadd",    "xautoclaim", "xcfgset", "xclaim", "xdel", "xdelex", "xidmprecord", "xlen",   "xnack", "xsetid"});

std::vector<std::string_view> flags_of(const Known& known) {
  if (known.redis == nullptr) {
    return {};
  }
  std::vector<std::string_view> flags;
  const Effect effect = known.redis->effect;
  const bool writes = effect == Effect::writes || known.redis->delivers;
  if (writes) {
    flags.emplace_back("write");
  } else if (effect != Effect::none) {
    flags.emplace_back("readonly");
  }
  const auto add = [&](std::span<const std::string_view> names, std::string_view flag) {
    if (std::ranges::find(names, known.name) != names.end()) {
      flags.push_back(flag);
    }
  };
  add(kAdding, "denyoom");
  if (effect == Effect::waits) {
    flags.emplace_back("blocking");
  }
  if (known.redis->names == NamedStreams::after_streams) {
    flags.emplace_back("movablekeys");
  }
  add(kFast, "fast");
  return flags;
}

void write_statuses(Asked& asked, const std::vector<std::string>& texts) {
  asked.writer().set(texts.size());
  for (const std::string& text : texts) {
    asked.writer().status(text);
  }
}

std::vector<std::string> categories_of(const Known& known, const std::vector<std::string_view>& flags) {
  std::vector<std::string> categories;
  for (const std::string_view flag : flags) {
    if (flag == "write" || flag == "blocking") {
      categories.push_back("@" + std::string(flag));
    } else if (flag == "readonly") {
      categories.emplace_back("@read");
    }
  }
  categories.push_back("@" + std::string(known.group == "generic"        ? "keyspace"
                                         : known.group == "transactions" ? "transaction"
                                                                         : known.group));
  return categories;
}

void write_info(Asked& asked, const Known& known, const Family* family) {
  io::Resp& writer = asked.writer();
  const auto flags = flags_of(known);
  const Places places = places_of(known);
  writer.array(10);
  writer.bulk(known.name);
  writer.integer(known.arity);
  write_statuses(asked, {flags.begin(), flags.end()});
  writer.integer(places.first);
  writer.integer(places.last);
  writer.integer(places.step);
  write_statuses(asked, categories_of(known, flags));
  writer.array(0);  // tips for proxies
  writer.array(0);  // key specifications: would repeat the three numbers above in another form
  writer.array(family == nullptr ? 0 : family->subs.size());
  if (family != nullptr) {
    for (const Known& sub : family->subs) {
      write_info(asked, sub, nullptr);
    }
  }
}

void all_info(Asked& asked) {
  const auto all = families(asked.about);
  asked.writer().array(all.size());
  for (const Family& family : all) {
    write_info(asked, family.head, &family);
  }
}

void info(Asked& asked) {
  const Words names = asked.words.subspan(2);
  if (names.empty()) {
    all_info(asked);
    return;
  }
  const auto all = families(asked.about);
  asked.writer().array(names.size());
  for (const std::string_view name : names) {
    const Family* family = nullptr;
    if (const Known* known = find(all, name, &family)) {
      write_info(asked, *known, family);
    } else {
      asked.writer().nil();
    }
  }
}

void count(Asked& asked) {
  asked.writer().integer(static_cast<std::int64_t>(families(asked.about).size()));
}

std::string_view type_of(const Argument& argument) {
  switch (argument.kind) {
    case Argument::Kind::stream:
      return "key";
    case Argument::Kind::text:
      return "string";
    case Argument::Kind::number:
      return "integer";
    case Argument::Kind::unix_ms:
      return "unix-time";
    case Argument::Kind::glob:
      return "pattern";
    case Argument::Kind::token:
      return "pure-token";
    case Argument::Kind::one_of:
      return "oneof";
    case Argument::Kind::block:
      return "block";
  }
  return {};
}

/// The argument's name, or that of its first part: clients need a name for each argument.
std::string name_of(const Argument& argument) {
  return argument.called.empty() && !argument.parts.empty() ? name_of(argument.parts.front()) : lower(argument.called);
}

void write_arguments(io::Resp& writer, const std::vector<Argument>& arguments) {
  writer.array(arguments.size());
  for (const Argument& argument : arguments) {
    const bool has_flags = argument.optional || argument.several;
    writer.map(2U + (argument.token.empty() ? 0U : 1U) + (has_flags ? 1U : 0U) + (argument.parts.empty() ? 0U : 1U));
    writer.bulk("name");
    writer.bulk(name_of(argument));
    writer.bulk("type");
    writer.bulk(type_of(argument));
    if (!argument.token.empty()) {
      writer.bulk("token");
      writer.bulk(argument.token);
    }
    if (has_flags) {
      writer.bulk("flags");
      writer.set((argument.optional ? 1U : 0U) + (argument.several ? 1U : 0U));
      if (argument.optional) {
        writer.status("optional");
      }
      if (argument.several) {
        writer.status("multiple");
      }
    }
    if (!argument.parts.empty()) {
      writer.bulk("arguments");
      write_arguments(writer, argument.parts);
    }
  }
}

void write_docs(Asked& asked, const Known& known, const Family* family) {
  io::Resp& writer = asked.writer();
  const bool has_subs = family != nullptr && !family->subs.empty();
  const auto arguments =
      known.redis == nullptr ? std::vector<Argument>{} : command::arguments_of(known.usage, known.redis->keywords);
  writer.bulk(known.name);
  writer.map(2U + (arguments.empty() ? 0U : 1U) + (has_subs ? 1U : 0U));
  writer.bulk("summary");
  writer.bulk(known.summary.empty() ? "A container for commands." : known.summary);
  writer.bulk("group");
  writer.bulk(known.group);
  if (!arguments.empty()) {
    writer.bulk("arguments");
    write_arguments(writer, arguments);
  }
  if (has_subs) {
    writer.bulk("subcommands");
    writer.map(family->subs.size());
    for (const Known& sub : family->subs) {
      write_docs(asked, sub, nullptr);
    }
  }
}

void docs(Asked& asked) {
  const Words names = asked.words.subspan(2);
  const auto all = families(asked.about);
  std::vector<std::pair<const Known*, const Family*>> found;
  for (const Family& family : all) {
    if (names.empty()) {
      found.emplace_back(&family.head, &family);
    }
  }
  for (const std::string_view name : names) {
    const Family* family = nullptr;
    if (const Known* known = find(all, name, &family)) {
      found.emplace_back(known, family);
    }
  }
  asked.writer().map(found.size());
  for (const auto& [known, family] : found) {
    write_docs(asked, *known, family);
  }
}

void list(Asked& asked) {
  const Words words = asked.words.subspan(2);
  const bool filtered = words.size() == 3 && same_word(words[0], "filterby");
  const auto is = [&](std::string_view kind) { return filtered && same_word(words[1], kind); };
  const bool by_pattern = is("pattern");
  const bool by_category = is("aclcat");
  if (!words.empty() && !by_pattern && !by_category && !is("module")) {
    asked.syntax_error();
    return;
  }
  std::vector<std::string_view> names;
  const auto take = [&](const Known& known) {
    if (by_pattern) {
      if (!glob_match(lower(words[2]), known.name)) {
        return;
      }
    } else if (by_category) {
      const auto categories = categories_of(known, flags_of(known));
      if (std::ranges::find(categories, "@" + lower(words[2])) == categories.end()) {
        return;
      }
    } else if (filtered) {
      return;  // no modules are loaded
    }
    names.push_back(known.name);
  };
  const auto all = families(asked.about);
  for (const Family& family : all) {
    take(family.head);
    for (const Known& sub : family.subs) {
      take(sub);
    }
  }
  asked.writer().array(names.size());
  for (const std::string_view name : names) {
    asked.writer().bulk(name);
  }
}

void getkeys(Asked& asked) {
  const Words line = asked.words.subspan(2);
  const auto known = is_own(line) ? check_own(line) : [&]() -> Result<std::string_view> {
    WEIR_ASSIGN(const RedisCommand* command, command::find_command(line));
    return command->name;
  }();
  if (!known) {
    asked.refuse(known.error().message.starts_with("ERR unknown")
                     ? "Invalid command specified"
                     : "Invalid number of arguments specified for command");
    return;
  }
  const auto all = families(asked.about);
  const Known* command = find(all, *known);
  const auto named = command::named_streams(command->names, line.subspan(command->is_sub() ? 2 : 1));
  if (!named) {
    asked.writer().error(named.error().message);
    return;
  }
  asked.writer().array(named->size());
  for (const std::string_view name : *named) {
    asked.writer().bulk(name);
  }
}

constexpr std::array kRows = {
    Row{"command", -1, all_info, "server", "What commands there are."},
    Row{"command|count", 2, count, "server", "How many commands there are."},
    Row{"command|docs", -2, docs, "server", "[<command> ...]: what they are for."},
    Row{"command|getkeys", -4, getkeys, "server", "<command line>: which streams it names."},
    Row{"command|help", 2, answer_help, "server", "Prints this help."},
    Row{"command|info", -2, info, "server", "[<command> ...]: how many words they take, and where their streams are."},
    Row{"command|list", -2, list, "server", "[FILTERBY (MODULE|ACLCAT|PATTERN) <value>]: their names."},
};

}  // namespace

std::span<const Row> command_rows() {
  return kRows;
}

}  // namespace weir::server
