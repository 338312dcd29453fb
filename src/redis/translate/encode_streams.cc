// Commands on entries and on whole streams.
#include <algorithm>

#include "redis/translate/encode.h"

namespace weir::redis {
namespace {

void add_count(WireCommand& command, std::optional<std::uint64_t> count) {
  if (count) {
    command.add("COUNT").add_signed(*count);
  }
}

const char* word_of(References references) {
  constexpr const char* kWords[] = {"KEEPREF", "DELREF", "ACKED"};
  return kWords[static_cast<std::size_t>(references)];
}

void add_ids(WireCommand& command, const std::vector<Id>& ids) {
  for (const Id id : ids) {
    command.add(id);
  }
}

void add_trim(WireCommand& command, const Trim& trim) {
  if (trim.references != References::keep) {  // servers before 8.2 keep references without being told
    command.add(word_of(trim.references));
  }
  command.add(trim.by == Trim::By::maxlen ? "MAXLEN" : "MINID").add(trim.approximate ? "~" : "=");
  if (trim.by == Trim::By::maxlen) {
    command.add_signed(trim.maxlen);
  } else {
    command.add(trim.minid);
  }
  if (trim.approximate && (trim.limit != 0 || trim.references == References::keep)) {
    command.add("LIMIT").add_signed(trim.limit);  // without a limit given, Redis applies its own
  }
}

WireCommand with_names(std::string_view name, const std::vector<std::string>& streams) {
  WireCommand command(name);
  for (const std::string& stream : streams) {
    command.add_key(stream);
  }
  return command;
}

WireCommand of_stream(std::string_view name, const std::string& stream) {
  WireCommand command(name);
  command.add_key(stream);
  return command;
}

/// Whether another command asks for the last entry, instead of the ID `+`. The ID is newer than many servers, and easy
/// to replace, except with a limit over all streams, which is newer still.
bool asks_apart(const Xread& request, const Xread::Source& source) {
  return source.from.kind == Xread::From::Kind::last_entry && !request.limit.any();
}

WireCommand xread(const Xread& request, std::optional<Millis> block) {
  WireCommand command("XREAD");
  add_count(command, request.count);
  add_limit(command, request.limit);
  if (block) {
    command.add("BLOCK").add(static_cast<std::uint64_t>(block->count()));
  }
  command.add("STREAMS");
  for (const auto& source : request.sources) {
    if (!asks_apart(request, source)) {
      command.add_key(source.stream);
    }
  }
  for (const auto& source : request.sources) {
    if (source.from.kind == Xread::From::Kind::end) {
      command.add("$");
    } else if (source.from.kind == Xread::From::Kind::after) {
      command.add(source.from.id);
    } else if (!asks_apart(request, source)) {
      command.add("+");
    }
  }
  return command;
}

}  // namespace

void add_limit(WireCommand& command, const ReadLimit& limit) {
  if (limit.entries) {
    command.add("MAXCOUNT").add_signed(*limit.entries);
  }
  if (limit.bytes) {
    command.add("MAXSIZE").add_signed(*limit.bytes);
  }
}

Commands encode(const Xadd& request) {
  Commands commands(1, WireCommand(CommandKind::add));
  encode_into(commands.front(), request);
  return commands;
}

void encode_into(WireCommand& command, const Xadd& request) {
  command.reset("XADD", CommandKind::add);
  command.add_key(request.stream);
  if (!request.make_stream) {
    command.add("NOMKSTREAM");
  }
  if (request.idempotence && request.idempotence->key) {
    command.add("IDMP").add(request.idempotence->producer).add(*request.idempotence->key);
  } else if (request.idempotence) {
    command.add("IDMPAUTO").add(request.idempotence->producer);
  }
  if (request.trim) {
    add_trim(command, *request.trim);
  }
  switch (request.id.kind) {
    case NewId::Kind::automatic:
      command.add("*");
      break;
    case NewId::Kind::automatic_sequence:
      command.add(std::to_string(request.id.id.ms) + "-*");
      break;
    case NewId::Kind::exact:
      command.add(request.id.id);
      break;
  }
  request.fields.each([&](std::string_view name, std::string_view value) { command.add(name).add(value); });
}

Commands encode(const Xlen& request) {
  return {of_stream("XLEN", request.stream)};
}

Commands encode(const Xrange& request) {
  WireCommand command(request.reverse ? "XREVRANGE" : "XRANGE");
  command.add_key(request.stream)
      .add(request.reverse ? request.last : request.first)
      .add(request.reverse ? request.first : request.last);
  add_count(command, request.count);
  return {std::move(command)};
}

Commands encode(const Xdel& request) {
  WireCommand command = of_stream("XDEL", request.stream);
  add_ids(command, request.ids);
  return {std::move(command)};
}

Commands encode(const Xdelex& request) {
  WireCommand own(CommandKind::own_delex);
  own.add_key(request.stream).add(word_of(request.references));
  add_ids(own, request.ids);
  return {std::move(own)};
}

Commands encode(const Xackdel& request) {
  WireCommand own(CommandKind::own_ackdel);
  own.add_key(request.stream).add(request.group).add(word_of(request.references));
  add_ids(own, request.ids);
  return {std::move(own)};
}

Commands encode(const Xtrim& request) {
  WireCommand command = of_stream("XTRIM", request.stream);
  add_trim(command, request.trim);
  return {std::move(command)};
}

Commands encode(const Xsetid& request) {
  WireCommand command = of_stream("XSETID", request.stream);
  command.add(request.last_id);
  if (request.entries_added) {
    command.add("ENTRIESADDED").add(*request.entries_added);
  }
  if (request.max_deleted_id) {
    command.add("MAXDELETEDID").add(*request.max_deleted_id);
  }
  return {std::move(command)};
}

Commands encode(const Xcfgset& request) {
  WireCommand command = of_stream("XCFGSET", request.stream);
  if (request.duration_s) {
    command.add("IDMP-DURATION").add(*request.duration_s);
  }
  if (request.maxsize) {
    command.add("IDMP-MAXSIZE").add(*request.maxsize);
  }
  return {std::move(command)};
}

Commands encode(const Xidmprecord& request) {
  WireCommand command = of_stream("XIDMPRECORD", request.stream);
  command.add(request.producer).add(request.key).add(request.id);
  return {std::move(command)};
}

Commands encode(const Xread& request) {
  Commands commands;
  for (const auto& source : request.sources) {
    if (asks_apart(request, source)) {
      commands.push_back(of_stream("XREVRANGE", source.stream));
      commands.back().add("+").add("-").add("COUNT").add("1");
    }
  }
  if (commands.size() < request.sources.size()) {
    commands.push_back(xread(request, std::nullopt));
  }
  return commands;
}

WireCommand blocking(const Xread& request, Millis block) {
  return xread(request, block);
}

Commands encode(const XinfoStream& request) {
  WireCommand command("XINFO");
  command.add("STREAM").add_key(request.stream);
  return {std::move(command)};
}

Commands encode(const XinfoStreamFull& request) {
  WireCommand command("XINFO");
  command.add("STREAM").add_key(request.stream).add("FULL").add("COUNT").add_signed(request.count);
  return {std::move(command)};
}

Commands encode(const XinfoGroups& request) {
  WireCommand command("XINFO");
  command.add("GROUPS").add_key(request.stream);
  return {std::move(command)};
}

Commands encode(const XinfoConsumers& request) {
  WireCommand command("XINFO");
  command.add("CONSUMERS").add_key(request.stream).add(request.group);
  return {std::move(command)};
}

Commands encode(const Del& request) {
  return {with_names("DEL", request.streams)};
}

Commands encode(const Exists& request) {
  return {with_names("EXISTS", request.streams)};
}

Commands encode(const Rename& request) {
  return {with_names("RENAME", {request.from, request.to})};
}

Commands encode(const Type& request) {
  return {of_stream("TYPE", request.stream)};
}

Commands encode(const Keys& request) {
  WireCommand command("KEYS");
  command.add(request.pattern);
  return {std::move(command)};
}

Commands encode(const Flushall& /*request*/) {
  return {WireCommand("FLUSHDB")};
}

}  // namespace weir::redis
