// `weir xadd --in` and `--at`, and `weir delayed`.
#include <unistd.h>

#include <algorithm>
#include <set>

#include "cli/arguments/fill.h"
#include "cli/run/answer.h"
#include "cli/run/append_input.h"
#include "cli/run/session.h"
#include "io/json_writer.h"
#include "io/table/table_entries.h"
#include "io/table/table_time.h"
#include "stream/delaying.h"
#include "stream/placement.h"

namespace weir::cli {
namespace {

constexpr std::uint64_t kPage = 1000;

/// Requires: the store is Delaying, as both engines are.
Delaying& delaying(Store& store) {
  return dynamic_cast<Delaying&>(store);
}

/// How many of the first `entries` are delayed together; in a cluster, those in one slot.
Result<std::size_t> together(Store& store, std::span<const Xadd> entries) {
  auto* placement = dynamic_cast<Placement*>(&store);
  std::size_t n = 1;
  for (; n < entries.size(); ++n) {
    if (placement != nullptr && entries[n].stream != entries[n - 1].stream) {
      WEIR_ASSIGN(const bool beside, placement->lie_together(entries[0].stream, entries[n].stream));
      if (!beside) {
        break;
      }
    }
  }
  return n;
}

class Printer {
 public:
  explicit Printer(const Session& session) : session_(session), quiet_(session.arguments.options.has("--quiet")) {}

  void print(std::span<const std::optional<Handle>> handles) {
    const Format format = session_.settings.format;
    for (const auto& handle : handles) {
      any_ = any_ || handle;
      if (quiet_) {
        continue;
      }
      if (errors_are_replies(format)) {
        write_answer(session_.out.text(), session_.settings,
                     handle ? Reply(Text{to_string(*handle)}) : Reply(MaybeId()));
      } else if (handle) {
        session_.out.text().append(to_string(*handle)).push_back('\n');
      }
    }
    none_ = none_ || !handles.empty();
  }
  bool nothing_added() const { return none_ && !any_; }

 private:
  const Session& session_;
  bool quiet_;
  bool any_ = false;
  bool none_ = false;
};

Result<int> delay_one(const Session& session, const Due& due) {
  WEIR_ASSIGN(const auto request, requested(session));
  const auto* entry = request ? std::get_if<Xadd>(&*request) : nullptr;
  if (entry == nullptr) {
    return 0;
  }
  WEIR_TRY(check_is_plain(*entry));
  WEIR_ASSIGN(const auto store, open_for(session));
  Delaying& held = delaying(*store);
  WEIR_ASSIGN(const auto handles, held.delay(std::span(entry, 1), due));
  Printer printer(session);
  printer.print(handles);
  return printer.nothing_added() ? 1 : 0;
}

Result<int> delay_lines(const Session& session, const Due& due) {
  WEIR_ASSIGN(AppendModel model, read_model(session.arguments));
  const bool atomic = session.arguments.options.has("--atomic");
  const bool skip_errors = model.skip_errors;
  say_what_is_awaited(kind_of_lines(model));
  WEIR_ASSIGN(const auto store, open_for(session));
  Delaying& held = delaying(*store);
  AppendReader reader(STDIN_FILENO, std::move(model), atomic ? nullptr : wait_of(session));
  Printer printer(session);
  std::vector<Xadd> all;
  int status = 0;
  for (bool more = true; more;) {
    WEIR_ASSIGN(AppendBatch batch, reader.next());
    more = !batch.ended && !batch.stopped;
    if (atomic && batch.errors.empty()) {
      std::move(batch.entries.begin(), batch.entries.end(), std::back_inserter(all));
    }
    for (std::span<const Xadd> left = batch.entries; !atomic && !left.empty();) {
      WEIR_ASSIGN(const std::size_t count, together(*store, left));
      WEIR_ASSIGN(const auto handles, held.delay(left.first(count), due));
      printer.print(handles);
      left = left.subspan(count);
    }
    for (Error& error : batch.errors) {
      if (!skip_errors) {
        if (atomic) {
          say_nothing_was_stored(error);
        }
        return tl::unexpected<Error>(std::move(error));
      }
      WEIR_TRY(session.out.flush());
      report(error);
      status = static_cast<int>(Failure::bad_input);
    }
    WEIR_TRY(batch.paused ? session.out.flush() : session.out.flush_if_large());
  }
  if (atomic) {
    WEIR_ASSIGN(const auto handles, held.delay(all, due));
    printer.print(handles);
  }
  return status == 0 && printer.nothing_added() ? 1 : status;
}

void write_line(std::string& out, const std::string& stream, const DelayedMessage& message) {
  io::JsonWriter json(out);
  json.object([&] {
    json.member("id", to_string(message.handle));
    json.member("stream", stream);
    json.member("due", message.handle.due);
    json.member("due-in", message.left);
    json.key("fields");
    json.json(message.fields.json());
    if (message.key) {
      json.member("key", *message.key);
    }
  });
  out += '\n';
}

/// Lists delayed messages in the requested format.
class List {
 public:
  explicit List(const Session& session) : session_(session), grid_(table_style(session.settings)) {
    grid_.column("HANDLE", io::Grid::Align::left);
    grid_.column("DUE", io::Grid::Align::right);
    grid_.column("STREAM", io::Grid::Align::left, io::Grid::Fit::flexible);
    grid_.column("FIELDS", io::Grid::Align::left, io::Grid::Fit::flexible);
  }

  void add(const std::string& stream, const DelayedMessage& message) {
    any_ = true;
    switch (session_.settings.format) {
      case Format::lines:
        write_line(session_.out.text(), stream, message);
        break;
      case Format::table: {
        const std::size_t width = table_style(session_.settings).width;
        std::vector<io::Cell> cells{io::Cell(to_string(message.handle)), io::Cell(io::due_text(message.left)),
                                    io::Cell(io::value_text(stream, width)),
                                    io::Cell(io::pairs_text(message.fields.pairs(), width))};
        grid_.row(std::move(cells));
        break;
      }
      case Format::redis:
      case Format::resp:
      case Format::resp3:
        names_.names.push_back(to_string(message.handle));
        break;
    }
  }

  int finish() {
    if (errors_are_replies(session_.settings.format)) {
      write_answer(session_.out.text(), session_.settings, std::move(names_));
    } else if (any_ && session_.settings.format == Format::table) {
      grid_.write(session_.out.text());
    }
    return any_ ? 0 : 1;
  }

 private:
  const Session& session_;
  io::Grid grid_;
  Names names_;
  bool any_ = false;
};

/// A stream, and some handles of its delayed messages.
struct Chosen {
  std::string stream;
  std::vector<Handle> handles;
};

Result<Chosen> read_chosen(const Session& session) {
  const Arguments& arguments = session.arguments;
  WEIR_TRY(check_none_is_empty(arguments));
  if (arguments.words.size() < 2) {
    return fail(Failure::usage, std::string(arguments.command->name) + " needs a STREAM and a handle",
                "weir delayed ls STREAM has them");
  }
  Chosen chosen{std::string(arguments.words[0]), {}};
  for (auto word = arguments.words.begin() + 1; word != arguments.words.end(); ++word) {
    const auto handle = parse_handle(*word);
    if (!handle) {
      return fail(Failure::usage, "'" + std::string(*word) + "' is not the handle of a delayed message",
                  "it is @DUE-NUMBER, as weir xadd printed it; weir delayed ls " + chosen.stream + " has them");
    }
    chosen.handles.push_back(*handle);
  }
  return chosen;
}

Result<int> count_there(const Session& session, const Chosen& chosen) {
  WEIR_ASSIGN(const auto store, open_store(session.settings, Access::look));
  const std::set<Handle> wanted(chosen.handles.begin(), chosen.handles.end());
  Count there;
  std::optional<Handle> last;
  std::vector<DelayedMessage> page;
  do {
    WEIR_ASSIGN(page, delaying(*store).delayed(chosen.stream, last, kPage));
    for (const DelayedMessage& message : page) {
      there.value += wanted.contains(message.handle) ? 1 : 0;
      last = message.handle;
    }
  } while (page.size() == kPage && *last < *wanted.rbegin());
  write_answer(session.out.text(), session.settings, there);
  return 0;
}

}  // namespace

Result<Due> read_due(const Options& options) {
  const auto in = options.time("--in");
  const auto at = options.time("--at");
  if (in && at) {
    return fail(Failure::usage, "--in does not go with --at");
  }
  for (const char* other : {"--id", "--keep-ids", "--maxlen", "--minid", "--limit", "--acked", "--delref", "--keepref",
                            "--once", "--idmpauto", "--wait"}) {
    if (options.has(other)) {
      return fail(Failure::usage, std::string(other) + " does not go with " + (in ? "--in" : "--at"),
                  "a delayed message is appended later, at the end of the stream");
    }
  }
  return in ? Due{true, *in} : Due{false, *at};
}

Result<void> check_is_plain(const Xadd& entry) {
  if (entry.id.kind != NewId::Kind::automatic || entry.trim || entry.idempotence) {
    return fail(Failure::usage, "a delayed message gets its ID when it is due: write '*', and no trimming");
  }
  return {};
}

bool is_delayed(const Arguments& arguments) {
  return arguments.options.has("--in") || arguments.options.has("--at");
}

Result<int> run_delayed_add(const Session& session) {
  WEIR_ASSIGN(const Due due, read_due(session.arguments.options));
  return session.arguments.words.size() < 2 ? delay_lines(session, due) : delay_one(session, due);
}

Result<int> run_delayed_ls(const Session& session) {
  WEIR_TRY(check_none_is_empty(session.arguments));
  const auto& words = session.arguments.words;
  WEIR_ASSIGN(const auto store, open_for(session));
  Delaying& held = delaying(*store);
  Names streams;
  if (words.empty()) {
    WEIR_ASSIGN(streams, store->run(Keys{}));
  } else {
    streams.names.assign(words.begin(), words.end());
  }
  List list(session);
  for (const std::string& stream : streams.names) {
    std::optional<Handle> last;
    std::vector<DelayedMessage> page;
    do {
      WEIR_ASSIGN(page, held.delayed(stream, last, kPage));
      for (const DelayedMessage& message : page) {
        list.add(stream, message);
        last = message.handle;
      }
      WEIR_TRY(session.out.flush_if_large());
    } while (page.size() == kPage);
  }
  return list.finish();
}

Result<int> run_delayed_cancel(const Session& session) {
  WEIR_ASSIGN(const Chosen chosen, read_chosen(session));
  if (session.arguments.options.has("--dry-run")) {
    return count_there(session, chosen);
  }
  WEIR_ASSIGN(const auto store, open_for(session));
  Delaying& held = delaying(*store);
  WEIR_ASSIGN(const Count count, held.cancel_delayed(chosen.stream, chosen.handles));
  write_answer(session.out.text(), session.settings, count);
  return 0;
}

Result<int> run_delayed_now(const Session& session) {
  WEIR_ASSIGN(const Chosen chosen, read_chosen(session));
  WEIR_ASSIGN(const auto store, open_for(session));
  Delaying& held = delaying(*store);
  WEIR_ASSIGN(const Count count, held.append_delayed(chosen.stream, chosen.handles));
  write_answer(session.out.text(), session.settings, count);
  return 0;
}

}  // namespace weir::cli
