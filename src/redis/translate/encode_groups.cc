// Commands on groups and their pending entries.
#include <algorithm>

#include "redis/translate/encode.h"
#include "redis/translate/retry_consumer.h"

namespace weir::redis {
namespace {

std::uint64_t milliseconds(Millis time) {
  return static_cast<std::uint64_t>(std::max<Millis::rep>(time.count(), 0));
}

WireCommand group_command(std::string_view subcommand, const std::string& stream, const std::string& group,
                          CommandKind kind = CommandKind::plain) {
  WireCommand command("XGROUP", kind);
  command.add(subcommand).add_key(stream).add(group);
  return command;
}

/// A command on pending entries: the server refuses it if there is no group.
WireCommand of_group(std::string_view name, const std::string& stream, const std::string& group) {
  WireCommand command(name, CommandKind::needs_group);
  command.add_key(stream).add(group);
  return command;
}

void add_start(WireCommand& command, std::optional<Id> start) {
  if (start) {
    command.add(*start);
  } else {
    command.add("$");
  }
}

void add_entries_read(WireCommand& command, std::optional<std::uint64_t> entries_read) {
  if (entries_read) {
    command.add("ENTRIESREAD").add_signed(*entries_read);
  }
}

WireCommand xreadgroup(const Xreadgroup& request, std::optional<Millis> block) {
  WireCommand command("XREADGROUP", CommandKind::group_read);
  command.add("GROUP").add(request.group).add(request.consumer);
  if (request.count) {
    command.add("COUNT").add_signed(*request.count);
  }
  add_limit(command, request.limit);
  if (block) {
    command.add("BLOCK").add(milliseconds(*block));
  }
  if (request.noack) {
    command.add("NOACK");
  }
  if (request.claim) {
    command.add("CLAIM").add(milliseconds(*request.claim));
  }
  command.add("STREAMS");
  for (const auto& source : request.sources) {
    command.add_key(source.stream);
  }
  for (const auto& source : request.sources) {
    if (source.history_after) {
      // Servers take the highest ID for `>`, and would deliver new messages.
      command.add(std::min(*source.history_after, *previous_id(kMaxId)));
    } else {
      command.add(">");
    }
  }
  return command;
}

void add_claim_options(WireCommand& command, const Xclaim& request) {
  if (request.delivery_time) {
    command.add("TIME").add(milliseconds(*request.delivery_time));
  }
  if (request.deliveries) {
    command.add("RETRYCOUNT").add_signed(*request.deliveries);
  }
  if (request.force) {
    command.add("FORCE");
  }
  if (request.just_id) {
    command.add("JUSTID");
  }
  if (request.last_id) {
    command.add("LASTID").add(*request.last_id);
  }
}

}  // namespace

Commands encode(const XgroupCreate& request) {
  WireCommand command = group_command("CREATE", request.stream, request.group,
                                      request.if_absent ? CommandKind::make_group : CommandKind::plain);
  add_start(command, request.start);
  if (request.make_stream) {
    command.add("MKSTREAM");
  }
  add_entries_read(command, request.entries_read);
  return {std::move(command)};
}

Commands encode(const XgroupSetid& request) {
  WireCommand command = group_command("SETID", request.stream, request.group);
  add_start(command, request.start);
  add_entries_read(command, request.entries_read);
  return {std::move(command)};
}

Commands encode(const XgroupDestroy& request) {
  return {group_command("DESTROY", request.stream, request.group)};
}

Commands encode(const XgroupCreateConsumer& request) {
  WireCommand command = group_command("CREATECONSUMER", request.stream, request.group);
  command.add(request.consumer);
  return {std::move(command)};
}

Commands encode(const XgroupDelConsumer& request) {
  if (request.only_if_nothing_pending) {
    WireCommand own(CommandKind::own_delete);
    own.add_key(request.stream).add(request.group).add(request.consumer);
    return {std::move(own)};
  }
  WireCommand command = group_command("DELCONSUMER", request.stream, request.group);
  command.add(request.consumer);
  return {std::move(command)};
}

Commands encode(const Xreadgroup& request) {
  Commands commands{xreadgroup(request, std::nullopt)};
  for (WireCommand& command : history_deliveries(request)) {
    commands.push_back(std::move(command));
  }
  return commands;
}

WireCommand blocking(const Xreadgroup& request, Millis block) {
  return xreadgroup(request, block);
}

std::vector<WireCommand> history_deliveries(const Xreadgroup& request) {
  std::vector<WireCommand> commands;
  for (const auto& source : request.sources) {
    const auto first = source.history_after ? next_id(*source.history_after) : std::nullopt;
    if (first) {
      const std::uint64_t count = request.count.value_or(0);
      WireCommand& command = commands.emplace_back(of_group("XPENDING", source.stream, request.group));
      command.add(*first).add(kMaxId).add_signed(count == 0 ? INT64_MAX : count).add(request.consumer);
    }
  }
  return commands;
}

Commands encode(const Xack& request) {
  if (!request.owner && !request.all_or_none) {
    WireCommand command("XACK");
    command.add_key(request.stream).add(request.group);
    for (const Id id : request.ids) {
      command.add(id);
    }
    return {std::move(command)};
  }
  WireCommand own(CommandKind::own_ack);
  own.add_key(request.stream).add(request.group);
  own.add(std::string(request.owner ? "o" : "") + (request.all_or_none ? "a" : "")).add(request.owner.value_or(""));
  for (const Id id : request.ids) {
    own.add(id);
  }
  return {std::move(own)};
}

Commands encode(const Xnack& request) {
  const Millis horizon = retry_horizon(request.wait);
  constexpr const char* kBlames[] = {"SILENT", "FAIL", "FATAL"};
  WireCommand own(CommandKind::own_nack);
  own.add_key(request.stream).add(request.group).add(retry_consumer(horizon, request.laters.value_or(0)));
  own.add(milliseconds(horizon - request.wait)).add(kBlames[static_cast<std::size_t>(request.blame)]);
  own.add(request.deliveries ? std::to_string(std::min<std::uint64_t>(*request.deliveries, INT64_MAX)) : std::string());
  own.add(std::string(request.force ? "f" : "") + (request.owner ? "o" : "") + (request.only_there ? "t" : ""));
  own.add(request.owner.value_or(""));
  for (const Id id : request.ids) {
    own.add(id);
  }
  return {std::move(own)};
}

Commands encode(const XpendingSummary& request) {
  return {of_group("XPENDING", request.stream, request.group)};
}

Commands encode(const Xpending& request) {
  if (request.released) {
    WireCommand own(CommandKind::own_pending);
    own.add_key(request.stream).add(request.group).add_signed(request.count);
    return {std::move(own)};
  }
  WireCommand command = of_group("XPENDING", request.stream, request.group);
  if (request.min_idle.count() > 0) {
    command.add("IDLE").add(milliseconds(request.min_idle));
  }
  command.add(request.first).add(request.last).add_signed(request.count);
  if (request.consumer) {
    command.add(*request.consumer);
  }
  return {std::move(command)};
}

Commands encode(const Xclaim& request) {
  Commands commands;
  if (request.owner || request.released) {
    WireCommand& own = commands.emplace_back(CommandKind::own_claim);
    own.add_key(request.stream)
        .add(request.group)
        .add(request.owner ? "o" : "n")
        .add(request.owner.value_or(""))
        .add(std::uint64_t{request.ids.size()});
    for (const Id id : request.ids) {
      own.add(id);
    }
    own.add(request.consumer).add(milliseconds(request.min_idle));
    add_claim_options(own, request);
  } else {
    WireCommand& claim = commands.emplace_back(of_group("XCLAIM", request.stream, request.group));
    claim.add(request.consumer).add(milliseconds(request.min_idle));
    for (const Id id : request.ids) {
      claim.add(id);
    }
    add_claim_options(claim, request);
  }
  if (!request.just_id && !request.deliveries) {
    for (const Id id : request.ids) {
      commands.push_back(of_group("XPENDING", request.stream, request.group));
      commands.back().add(id).add(id).add("1").add(request.consumer);
    }
  }
  return commands;
}

Commands encode(const Xautoclaim& request) {
  Commands commands{of_group("XAUTOCLAIM", request.stream, request.group)};
  commands[0].add(request.consumer).add(milliseconds(request.min_idle)).add(request.start);
  commands[0].add("COUNT").add_signed(request.count);
  if (request.just_id) {
    commands[0].add("JUSTID");
    return commands;
  }
  // XAUTOCLAIM looks at up to so many entries for each one asked for. So this many pending entries of the consumer
  // include all that it was given.
  constexpr std::uint64_t kLookedAtPerCount = 10;
  const std::uint64_t most =
      request.count > INT64_MAX / kLookedAtPerCount ? INT64_MAX : request.count * kLookedAtPerCount;
  commands.push_back(of_group("XPENDING", request.stream, request.group));
  commands[1].add(request.start).add(kMaxId).add(most).add(request.consumer);
  return commands;
}

}  // namespace weir::redis
