// `weir xadd` with JSON lines on standard input.
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <optional>
#include <system_error>
#include <utility>

#include "cli/run/answer.h"
#include "cli/run/append_queue.h"
#include "cli/run/progress_line.h"
#include "cli/run/session.h"
#include "stream/remote.h"

namespace weir::cli {

namespace {

std::size_t count_added(std::span<const Result<MaybeId>> answers) {
  return static_cast<std::size_t>(
      std::count_if(answers.begin(), answers.end(), [](const auto& answer) { return answer.has_value(); }));
}

// How many bytes are still to be read of the file on standard input; 0: it is no file.
std::uint64_t size_of_input() {
  struct stat status {};
  const off_t at = ::lseek(STDIN_FILENO, 0, SEEK_CUR);
  const bool is_file = at >= 0 && ::fstat(STDIN_FILENO, &status) == 0 && S_ISREG(status.st_mode);
  return is_file && status.st_size > at ? static_cast<std::uint64_t>(status.st_size - at) : 0;
}

// Whether nothing else uses the terminal, neither typed input nor the printed IDs.
bool is_alone() {
  return ::isatty(STDIN_FILENO) == 0 && ::isatty(STDOUT_FILENO) == 0;
}

// Stores batches, prints the IDs, and remembers the result.
class Appender {
 public:
  Appender(const Session& session, Store& store, const AppendModel& model)
      : progress_(session, model.entry.stream.empty() ? "xadd" : model.entry.stream, {}, is_alone()),
        read_{0, 0, size_of_input()},
        session_(session),
        store_(store),
        remote_(dynamic_cast<Remote*>(&store)),
        skip_errors_(model.skip_errors),
        many_streams_(model.entry.stream.empty()),
        quiet_(session.arguments.options.has("--quiet")) {}

  /// Fails if the work cannot go on: the store or standard output has failed, or a line is bad and bad ones are not
  /// skipped. `ahead`: the entries of the next batch, if it is ready.
  Result<void> store(const AppendBatch& batch, std::span<const Xadd> ahead) {
    if (many_streams_ && !skip_errors_) {
      ahead = {};  // after one stream has refused, the other streams get nothing more, either
    }
    const std::span<const Xadd> entries = batch.entries;
    // The store was told of this batch as the next one, unless there was nothing to tell.
    Batch now = next_.entries().empty() ? Batch(entries) : std::exchange(next_, {});
    next_ = Batch(ahead);
    for (std::size_t place = 0; place < entries.size();) {
      WEIR_ASSIGN(const Store::AddAnswers answers, add(std::exchange(now, {})));
      for (std::size_t i = 0; i < answers.size(); ++i, ++place) {
        if (answers[i]) {
          print(*answers[i]);
        } else {
          Error error = at_line(batch.line_numbers[place], answers[i].error());
          const std::size_t more = skip_errors_ ? 0 : count_added(std::span(answers).subspan(i + 1));
          if (more > 0) {
            error.hint = "lines after it, for other streams, were added already: " + std::to_string(more);
          }
          WEIR_TRY(bad_line(error));
        }
      }
      now = Batch(entries.subspan(place));
    }
    for (const Error& error : batch.errors) {
      WEIR_TRY(bad_line(error));
    }
    note_read(batch);
    return batch.paused ? session_.out.flush() : session_.out.flush_if_large();
  }

  /// Updates the progress line.
  void note_read(const AppendBatch& batch) {
    read_.count += batch.entries.size();
    read_.done += batch.bytes;
    progress_.show(read_);
  }

  void print(const MaybeId& id) {
    stored_ += id ? 1 : 0;
    nil_ += id ? 0 : 1;
    if (quiet_) {
      return;
    }
    if (errors_are_replies(session_.settings.format)) {
      write_answer(session_.out.text(), session_.settings, id);
    } else if (id) {
      char text[42];
      char* end = format_id(*id, text);
      *end++ = '\n';
      session_.out.text().append(text, end);
    }
  }

  int status() const {
    if (skipped_) {
      return static_cast<int>(Failure::bad_input);
    }
    return stored_ == 0 && nil_ > 0 ? 1 : 0;
  }

 private:
  Result<Store::AddAnswers> add(Batch batch) {
    return remote_ != nullptr ? remote_->append(std::move(batch), next_) : store_.append(batch.entries());
  }

  Result<void> bad_line(const Error& error) {
    if (!skip_errors_ || error.failure == Failure::store) {
      return tl::unexpected<Error>(error);
    }
    WEIR_TRY(session_.out.flush());
    progress_.erase();
    report(error);
    skipped_ = true;
    return {};
  }

  ProgressLine progress_;
  Progress read_;
  const Session& session_;
  Store& store_;
  Remote* remote_;  ///< the store, if it can send entries before earlier ones are answered
  Batch next_;      ///< the entries announced to the store as the next ones
  bool skip_errors_;
  bool many_streams_;  ///< each line names its own stream
  bool quiet_;
  bool skipped_ = false;
  std::uint64_t stored_ = 0;
  std::uint64_t nil_ = 0;
};

// False: the system allows no more threads.
bool start(std::optional<AppendQueue>& queue, AppendReader& reader) {
  try {
    queue.emplace(reader);
  } catch (const std::system_error&) {
    return false;
  }
  return true;
}

// While input comes slowly, one thread does everything. When input comes fast, parsing and storing run in parallel, and
// a server may be sent the next batch before it has answered this one.
Result<int> append_all(Appender& appender, AppendReader& reader) {
  std::optional<AppendQueue> queue;
  std::optional<Result<AppendBatch>> next;
  AppendBatch used;
  bool may_thread = true;
  while (true) {
    auto batch = next ? *std::exchange(next, {}) : queue ? queue->next() : reader.next(std::exchange(used, {}));
    if (!batch) {
      return tl::unexpected<Error>(batch.error());
    }
    const bool last = batch->ended || batch->stopped;
    if (queue && !last) {
      next = queue->next_if_ready();
    } else if (!batch->paused && !last && may_thread) {
      may_thread = start(queue, reader);
    }
    const bool more = next && *next;
    if (const auto stored = appender.store(*batch, more ? (*next)->entries : std::span<const Xadd>()); !stored) {
      return tl::unexpected<Error>(stored.error());
    }
    if (last) {
      return appender.status();
    }
    if (queue) {
      queue->give_back(std::move(*batch));
    } else {
      used = std::move(*batch);
    }
  }
}

Result<int> append_atomically(Appender& appender, AppendReader& reader, Store& store) {
  std::vector<Request> requests;
  std::vector<std::uint64_t> line_numbers;
  while (true) {
    WEIR_ASSIGN(AppendBatch batch, reader.next());
    if (!batch.errors.empty()) {
      say_nothing_was_stored(batch.errors[0]);
      return tl::unexpected<Error>(batch.errors[0]);
    }
    if (batch.ended) {
      break;
    }
    appender.note_read(batch);
    std::move(batch.entries.begin(), batch.entries.end(), std::back_inserter(requests));
    line_numbers.insert(line_numbers.end(), batch.line_numbers.begin(), batch.line_numbers.end());
  }
  WEIR_ASSIGN(const auto replies, store.transact(requests, Store::OnRefusal::undo));
  if (!replies.empty() && !replies.back()) {
    Error error = at_line(line_numbers[replies.size() - 1], replies.back().error());
    say_nothing_was_stored(error);
    return tl::unexpected<Error>(std::move(error));
  }
  for (const auto& reply : replies) {
    const MaybeId& id = std::get<MaybeId>(*reply);
    appender.print(id);
  }
  return appender.status();
}

}  // namespace

Result<int> run_append(const Session& session) {
  WEIR_ASSIGN(AppendModel model, read_model(session.arguments));
  say_what_is_awaited(kind_of_lines(model));
  WEIR_ASSIGN(const auto store, open_store(session.settings, Access::make));
  Appender appender(session, *store, model);
  const bool atomic = session.arguments.options.has("--atomic");  // a command that is stopped stores nothing
  // The reader is never destroyed: a second thread may still use it when a failure ends the program.
  static AppendReader& reader = *new AppendReader(STDIN_FILENO, std::move(model), atomic ? nullptr : wait_of(session));
  if (atomic) {
    return append_atomically(appender, reader, *store);
  }
  return append_all(appender, reader);
}

Result<int> run_add(const Session& session) {
  if (session.arguments.options.has("--lines") && session.arguments.words.size() > 1) {
    return fail(Failure::usage, "--lines reads the messages from standard input: there is one as arguments too",
                "write: weir xadd STREAM --lines FIELD < TEXT");
  }
  if (is_unique(session.arguments)) {
    return run_unique_add(session);
  }
  if (is_delayed(session.arguments)) {
    return run_delayed_add(session);
  }
  if (session.arguments.options.has("--wait")) {
    return run_add_and_wait(session);
  }
  return session.arguments.words.size() < 2 ? run_append(session) : run_request(session);
}

}  // namespace weir::cli
