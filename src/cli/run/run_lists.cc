// Forms that only the shell has: IDs from standard input, and a whole pending list.
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>

#include "cli/arguments/fill.h"
#include "cli/arguments/help.h"
#include "cli/run/answer.h"
#include "cli/run/session.h"
#include "cli/run/stop_signals.h"
#include "cli/run/would_remove.h"
#include "io/json_lines.h"
#include "io/line_reader.h"

namespace weir::cli {

namespace {

bool is_blank(std::string_view line) {
  return line.find_first_not_of(" \t\r") == std::string_view::npos;
}

// IDs from standard input, and the error of the line after them, if there is one.
struct IdBatch {
  std::vector<Id> ids;
  std::optional<Error> error;
};

IdBatch read_ids(io::LineReader& reader, std::uint64_t& line_number) {
  IdBatch batch;
  while (const auto line = reader.next()) {
    ++line_number;
    if (is_blank(*line)) {
      continue;
    }
    const auto id = io::parse_id_line(*line);
    if (!id) {
      batch.error = Error{Failure::bad_input, "line " + std::to_string(line_number) + ", column " +
                                                  std::to_string(id.error().column) + ": " + id.error().reason};
      return batch;
    }
    batch.ids.push_back(*id);
  }
  return batch;
}

// `weir ack s g $unset` in a loop would consume the input of the loop. A file shows that somebody has read from it
// already; a pipe does not.
Result<void> check_input_is_unread() {
  struct stat input {};
  const bool is_file = ::fstat(STDIN_FILENO, &input) == 0 && S_ISREG(input.st_mode);
  const off_t at = is_file ? ::lseek(STDIN_FILENO, 0, SEEK_CUR) : 0;
  if (at > 0 && at < input.st_size) {
    return fail(
        Failure::usage, "no ID was given, and standard input is a file of which a part has been read already",
        "in a loop it is the loop's: write the ID as an argument; to read the rest of the file: cat | weir ...");
  }
  return {};
}

// Counts entries, in place of a request that would remove them.
struct Exist {
  std::string stream;
  std::vector<Id> ids;
};

Result<Count> run_part(Store& store, const Exist& exist) {
  Count there;
  WEIR_ASSIGN(const std::vector<Id> found, those_there(store, exist.stream, exist.ids));
  there.value = found.size();
  return there;
}
template <typename R>
Result<Count> run_part(Store& store, const R& request) {
  return store.run(request);
}

Result<int> count_given(const Session& session) {
  WEIR_ASSIGN(auto request, requested(session));
  if (!request) {
    return 0;
  }
  auto& del = std::get<Xdel>(*request);
  WEIR_ASSIGN(const auto store, open_store(session.settings, Access::look));
  WEIR_ASSIGN(const Count there, run_part(*store, Exist{std::move(del.stream), std::move(del.ids)}));
  write_answer(session.out.text(), session.settings, there);
  return 0;
}

// Reads IDs from standard input, and runs the requests that `request_of` makes of them.
template <typename RequestOf>
Result<int> run_identifiers(const Session& session, RequestOf&& request_of) {
  constexpr std::size_t kRead = 256 * 1024;
  WEIR_TRY(check_none_is_empty(session.arguments));
  WEIR_TRY(check_input_is_unread());
  say_what_is_awaited("IDs or JSON lines");
  const bool dry = session.arguments.options.has("--dry-run");
  WEIR_ASSIGN(const auto store, dry ? open_store(session.settings, Access::look) : open_for(session));
  io::LineReader reader(STDIN_FILENO, wait_of(session));
  std::uint64_t line_number = 0;
  std::uint64_t total = 0;
  bool any = false;
  std::optional<Error> error;
  while (!error) {
    WEIR_ASSIGN(const bool more, reader.fill(kRead));
    if (!more) {
      break;
    }
    IdBatch batch = read_ids(reader, line_number);
    error = std::move(batch.error);
    if (!batch.ids.empty()) {
      any = true;
      WEIR_ASSIGN(const Count done, run_part(*store, request_of(std::move(batch.ids))));
      total += done.value;
    }
  }
  if (any || errors_are_replies(session.settings.format)) {
    write_answer(session.out.text(), session.settings, Count{total});
  }
  if (error) {
    if (!any) {
      error->hint = "no ID was given as an argument, so IDs were read from standard input";
    }
    return tl::unexpected<Error>(std::move(*error));
  }
  if (!any && stop_signal() != 0) {
    return 1;
  }
  if (!any) {
    // Empty input may be right after `xreadgroup |`, or come from a variable that is not set.
    report({Failure::usage, "no ID was given, and there was none on standard input", usage_of(session.arguments)});
    return 1;
  }
  return 0;
}

// Walks through the whole pending list, step by step.
Result<int> walk(const Session& session, Xautoclaim request) {
  constexpr std::uint64_t kStep = 1000;
  std::uint64_t left = session.arguments.options.has("--count") ? request.count : kMaxPart;
  const bool one_reply = errors_are_replies(session.settings.format);
  WEIR_ASSIGN(const auto store, open_for(session));
  EntryPages pages(session.settings, false);
  AutoClaimed all;
  bool claimed = false;
  do {
    request.count = std::min(left, kStep);
    WEIR_ASSIGN(AutoClaimed step, store->run(request));
    std::vector<Entry>& entries = step.claimed.entries;
    left -= std::min<std::uint64_t>(left, entries.size());
    claimed = claimed || !entries.empty();
    request.start = step.cursor;
    if (!one_reply) {
      if (request.just_id) {
        write_answer(session.out.text(), session.settings, std::move(step.claimed));
      } else {
        pages.write(session.out.text(), Entries{step.claimed.stream, std::move(entries)});
      }
      WEIR_TRY(session.out.flush());
      continue;
    }
    all.cursor = step.cursor;
    all.claimed.just_id = step.claimed.just_id;
    all.claimed.stream = step.claimed.stream;
    std::move(entries.begin(), entries.end(), std::back_inserter(all.claimed.entries));
    all.deleted.insert(all.deleted.end(), step.deleted.begin(), step.deleted.end());
  } while (request.start != kMinId && left > 0);
  if (one_reply) {
    write_answer(session.out.text(), session.settings, std::move(all));
  }
  return claimed ? 0 : 1;
}

}  // namespace

Result<int> run_delete(const Session& session) {
  const auto& words = session.arguments.words;
  if (session.arguments.options.has("--dry-run")) {
    return words.size() != 1 ? count_given(session) : run_identifiers(session, [&](const std::vector<Id>& ids) {
      return Exist{std::string(words[0]), ids};
    });
  }
  if (words.size() != 1) {
    return run_request(session);
  }
  return run_identifiers(session, [&](std::vector<Id> ids) { return Xdel{std::string(words[0]), std::move(ids)}; });
}

Result<int> run_ack(const Session& session) {
  const auto& words = session.arguments.words;
  if (words.size() != 2) {
    return run_request(session);
  }
  const auto owner = session.arguments.options.text("--consumer");
  return run_identifiers(session, [&](std::vector<Id> ids) {
    return Xack{std::string(words[0]), std::string(words[1]), std::move(ids), owner, false};
  });
}

Result<int> run_autoclaim(const Session& session) {
  constexpr std::size_t kWithoutStart = 4;
  if (session.arguments.words.size() != kWithoutStart) {
    return run_request(session);
  }
  WEIR_ASSIGN(auto request, requested(session));
  return request ? walk(session, std::get<Xautoclaim>(std::move(*request))) : Result<int>(0);
}

}  // namespace weir::cli
