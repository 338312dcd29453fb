// `weir batch`: many commands in one process.
#include <unistd.h>

#include <new>
#include <optional>

#include "cli/run/answer.h"
#include "cli/run/give_back.h"
#include "cli/run/session.h"
#include "command/doubtful.h"
#include "command/session.h"
#include "io/batch_line.h"
#include "io/line_reader.h"

namespace weir::cli {

namespace {

using command::Words;

constexpr std::size_t kRead = 1024 * 1024;

bool waits(const Request& request) {
  const auto* read = std::get_if<Xread>(&request);
  const auto* group = std::get_if<Xreadgroup>(&request);
  return (read != nullptr && read->block) || (group != nullptr && group->block);
}

/// Gives back what the commands of a transaction took, from the one with the number `first` on.
void give_back_from(std::size_t first, Store& store, const command::Transaction& transaction,
                    std::vector<Result<Reply>> answers) {
  for (std::size_t i = first; i < answers.size(); ++i) {
    const Request* request = transaction.request_of(i);
    const auto* read = request != nullptr && answers[i] ? std::get_if<Xreadgroup>(request) : nullptr;
    if (read != nullptr) {
      give_back(store, *read, std::get<StreamEntries>(*std::move(answers[i])));
    }
  }
}

class Batch {
 public:
  Batch(const Session& session, Store& store) : out_(session.out), format_(session.settings.format), store_(store) {}

  /// Fails if the store or standard output does; a refusal by Redis's rules is an answer.
  Result<void> run(Words words) { return take(session_.take(words)); }

  /// Handles a line that is no command.
  Result<void> spoil(const Error& error) { return take(session_.spoil(error)); }

  /// Stores and answers the commands that were put off. To be called before waiting for input.
  Result<void> finish() {
    std::span<const Xadd> left = additions_;
    while (!left.empty()) {
      WEIR_ASSIGN(const Store::AddAnswers answers, store_.append(left));
      for (const Result<MaybeId>& id : answers) {
        WEIR_TRY(answer_or_refuse(id));
      }
      left = left.subspan(answers.size());
    }
    additions_.clear();
    return {};
  }

  /// To be called at the end of input.
  void end() {
    if (session_.is_queueing()) {
      const Error error{Failure::bad_input, "the input ends after MULTI and before EXEC",
                        "nothing that stands after that MULTI was done"};
      note(error);
      report(error);
    }
  }

  int status() const { return status_; }

 private:
  Result<void> take(command::Session::Step step) {
    auto* request = std::get_if<Request>(&step);
    if (request != nullptr && std::holds_alternative<Xadd>(*request)) {
      return add(std::move(std::get<Xadd>(*request)));
    }
    WEIR_TRY(finish());
    if (request != nullptr) {
      return execute(*request);
    }
    if (const auto* known = std::get_if<Reply>(&step)) {
      return answer(*known);
    }
    if (const auto* error = std::get_if<Error>(&step)) {
      return refuse(*error);
    }
    if (const auto* doubtful = std::get_if<command::Doubtful>(&step)) {
      return answer_or_refuse(command::settle(store_, *doubtful));
    }
    return exec(std::get<command::Transaction>(step));
  }

  // Successive additions share a commit.
  Result<void> add(Xadd&& addition) {
    constexpr std::size_t kTogether = 1000;
    additions_.push_back(std::move(addition));
    return additions_.size() < kTogether ? Result<void>() : finish();
  }

  Result<void> refuse(const Error& error) {
    note(error);
    write_batch_error(out_.text(), format_, error.message);
    return out_.flush_if_large();
  }

  void note(const Error& error) {
    if (status_ == 0) {
      status_ = static_cast<int>(error.failure);
    }
  }

  Result<void> answer(const Reply& reply) {
    write_batch_answer(out_.text(), format_, reply);
    return out_.flush_if_large();
  }

  Result<void> answer_or_refuse(const Result<Reply>& reply) {
    if (reply) {
      return answer(*reply);
    }
    if (reply.error().failure == Failure::store) {
      return tl::unexpected<Error>(reply.error());
    }
    return refuse(reply.error());
  }

  Result<void> execute(const Request& request) {
    if (waits(request)) {
      WEIR_TRY(out_.flush());
    }
    auto reply = store_.execute(request);
    const auto* read = reply ? std::get_if<Xreadgroup>(&request) : nullptr;
    const std::size_t written = out_.text().size();
    try {
      return answer_or_refuse(reply);
    } catch (const std::bad_alloc&) {
      if (read != nullptr) {
        out_.text().resize(written);
        give_back(store_, *read, std::get<StreamEntries>(std::move(*reply)));
      }
      throw;
    }
  }

  Result<void> exec(const command::Transaction& transaction) {
    auto replies = store_.transact(transaction.requests(), Store::OnRefusal::go_on);
    if (!replies && replies.error().failure == Failure::refused) {
      if (!replies.error().hint.empty()) {
        report(replies.error());  // the answer has only the server's words, without the hint
      }
      return refuse(replies.error());
    }
    WEIR_TRY(replies);
    std::vector<Result<Reply>> answers = transaction.answers(std::move(*replies));
    for (const Result<Reply>& each : answers) {
      if (!each) {
        note(each.error());
      }
    }
    const std::size_t written = out_.text().size();
    try {
      write_batch_answers(out_.text(), format_, answers);
      return out_.flush_if_large();
    } catch (const std::bad_alloc&) {
      out_.text().resize(written);
      give_back_from(0, store_, transaction, std::move(answers));
      throw;
    }
  }

  io::Output& out_;
  Format format_;
  Store& store_;
  std::vector<Xadd> additions_;  // are stored together
  command::Session session_;
  int status_ = 0;
};

Error wrong_line(std::uint64_t line_number, const io::LineError& error) {
  return {Failure::bad_input,
          "line " + std::to_string(line_number) + ", column " + std::to_string(error.column) + ": " + error.reason};
}

/// An error as it stands in an answer, where Redis's errors begin with a code.
Error as_reply(Error error) {
  error.message = "ERR " + error.message;
  return error;
}

// Calls `each` with the words of every line, or with the error of a line that has none. Calls `pause`, before the
// output is flushed, when no more lines are there for now.
template <typename Each, typename Pause>
Result<void> for_each_line(io::Output& out, io::LineReader::Wait wait, Each&& each, Pause&& pause) {
  io::LineReader lines(STDIN_FILENO, wait);
  std::vector<std::string> text;
  std::vector<std::string_view> words;
  const RedisNames redis_names;
  std::uint64_t number = 0;
  while (true) {
    WEIR_TRY(pause());
    WEIR_TRY(out.flush());
    WEIR_ASSIGN(const bool more, lines.fill(kRead));
    if (!more) {
      return {};
    }
    while (const auto line = lines.next()) {
      ++number;
      const auto parsed = io::parse_batch_line(*line, text);
      if (parsed && text.empty()) {
        continue;
      }
      words.assign(text.begin(), text.end());
      if (!words.empty()) {
        words[0] = redis_names.of(words[0]);
      }
      WEIR_TRY(each(number, parsed ? Result<Words>(words) : tl::unexpected(wrong_line(number, parsed.error()))));
    }
  }
}

Result<int> run_atomically(const Session& session, Store& store) {
  command::Transaction transaction;
  std::vector<std::uint64_t> numbers;
  const auto undone = [](Error error) {
    error.hint = "nothing was done";
    return tl::unexpected<Error>(std::move(error));
  };
  const auto failed = [&](std::uint64_t number, Error error) {
    error.message = "line " + std::to_string(number) + ": " + error.message;
    return undone(std::move(error));
  };
  WEIR_TRY(for_each_line(
      session.out, nullptr,
      [&](std::uint64_t number, const Result<Words>& words) -> Result<void> {
        if (!words) {
          return undone(words.error());
        }
        auto parsed = command::parse(*words);
        if (!parsed) {
          return failed(number, parsed.error());
        }
        if (const auto* doubtful = std::get_if<command::Doubtful>(&*parsed)) {
          return failed(number, doubtful->error);
        }
        if (std::holds_alternative<command::Control>(*parsed)) {
          return failed(number, {Failure::usage, "ERR all of batch --atomic is one transaction already"});
        }
        if (auto* request = std::get_if<Request>(&*parsed)) {
          transaction.add(std::move(*request));
          numbers.push_back(number);
        } else {
          transaction.add(std::move(std::get<Reply>(*parsed)));
        }
        return {};
      },
      [] { return Result<void>(); }));
  WEIR_ASSIGN(auto replies, store.transact(transaction.requests(), Store::OnRefusal::undo));
  if (!replies.empty() && !replies.back()) {
    return failed(numbers[replies.size() - 1], replies.back().error());
  }
  std::vector<Result<Reply>> answers = transaction.answers(std::move(replies));
  std::string& out = session.out.text();
  for (std::size_t i = 0; i < answers.size(); ++i) {
    const std::size_t written = out.size();
    try {
      write_batch_answer(out, session.settings.format, *answers[i]);
      WEIR_TRY(session.out.flush_if_large());
    } catch (const std::bad_alloc&) {
      out.resize(written);
      give_back_from(i, store, transaction, std::move(answers));
      throw;
    }
  }
  return 0;
}

}  // namespace

Result<int> run_batch(const Session& session) {
  say_what_is_awaited("commands");
  WEIR_ASSIGN(const auto store, open_store(session.settings, Access::make));
  if (session.arguments.options.has("--atomic")) {
    return run_atomically(session, *store);
  }
  Batch batch(session, *store);
  WEIR_TRY(for_each_line(
      session.out, wait_of(session),
      [&](std::uint64_t, Result<Words> words) {
        return words ? batch.run(*words) : batch.spoil(as_reply(words.error()));
      },
      [&] { return batch.finish(); }));
  batch.end();
  return batch.status();
}

}  // namespace weir::cli
