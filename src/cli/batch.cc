// `weir batch`: many commands in one process.
#include <unistd.h>

#include <optional>

#include "cli/answer.h"
#include "cli/run.h"
#include "cli/settle.h"
#include "io/batch_line.h"
#include "util/line_reader.h"

namespace weir::cli {

namespace {

constexpr std::size_t kRead = 1024 * 1024;

// A command between MULTI and EXEC: a request, or what is known of its answer already.
using Queued = std::variant<Request, Reply, Control, Doubtful, Error>;

Queued queued(Result<Parsed> parsed) {
  if (!parsed) {
    return parsed.error();
  }
  return std::visit([](auto& known) -> Queued { return std::move(known); }, *parsed);
}

bool waits(const Request& request) {
  const auto* read = std::get_if<Xread>(&request);
  const auto* group = std::get_if<Xreadgroup>(&request);
  return (read != nullptr && read->block) || (group != nullptr && group->block);
}

class Batch {
 public:
  Batch(const Session& session, Store& store) : out_(session.out), format_(session.settings.format), store_(store) {}

  /// Fails where the store or standard output does; what Redis refuses is an answer.
  Result<void> run(Words words) {
    const auto command = find_redis_command(words);
    if (!command) {
      return spoil(command.error());
    }
    auto parsed = (*command)->parse(words);
    if (const Request* request = parsed ? std::get_if<Request>(&*parsed) : nullptr;
        request != nullptr && !transaction_ && std::holds_alternative<Xadd>(*request)) {
      return add(std::move(std::get<Xadd>(std::get<Request>(*parsed))));
    }
    WEIR_TRY(finish());
    if (const Control* mark = parsed ? std::get_if<Control>(&*parsed) : nullptr) {
      return control(*mark);
    }
    if (transaction_) {
      transaction_->push_back(queued(std::move(parsed)));
      return answer(Status{"QUEUED"});
    }
    if (!parsed) {
      return refuse(parsed.error());
    }
    if (const auto* known = std::get_if<Reply>(&*parsed)) {
      return answer(*known);
    }
    if (const auto* doubtful = std::get_if<Doubtful>(&*parsed)) {
      return answer_or_refuse(settle(store_, *doubtful));
    }
    return execute(std::get<Request>(*parsed));
  }

  /// A line that is no command spoils the transaction around it.
  Result<void> spoil(const Error& error) {
    WEIR_TRY(finish());
    spoiled_ = spoiled_ || transaction_;
    return refuse(error);
  }

  /// Stores and answers what was put off. To be called before the input is waited for.
  Result<void> finish() {
    std::span<const Xadd> left = additions_;
    while (!left.empty()) {
      WEIR_ASSIGN(const Store::AddAnswers answers, store_.append(left, {}));
      for (const Result<MaybeId>& id : answers) {
        WEIR_TRY(answer_or_refuse(id));
      }
      left = left.subspan(answers.size());
    }
    additions_.clear();
    return {};
  }

  int status() const { return status_; }

 private:
  // Additions that follow each other share a commit.
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
    return answer_or_refuse(store_.execute(request));
  }

  Result<void> control(Control mark) {
    if (mark == Control::multi) {
      if (transaction_) {
        return refuse({Failure::usage, "ERR MULTI calls can not be nested"});
      }
      transaction_.emplace();
      spoiled_ = false;
      return answer(Ok{});
    }
    if (!transaction_) {
      return refuse({Failure::usage, mark == Control::exec ? "ERR EXEC without MULTI" : "ERR DISCARD without MULTI"});
    }
    const std::vector<Queued> commands = std::move(*transaction_);
    transaction_.reset();
    if (mark == Control::discard) {
      return answer(Ok{});
    }
    if (spoiled_) {
      return refuse({Failure::usage, "EXECABORT Transaction discarded because of previous errors."});
    }
    return exec(commands);
  }

  Result<void> exec(const std::vector<Queued>& commands) {
    std::vector<Request> requests;
    for (const Queued& command : commands) {
      if (const auto* request = std::get_if<Request>(&command)) {
        requests.push_back(*request);
      } else if (const auto* doubtful = std::get_if<Doubtful>(&command)) {
        for (const Look& look : doubtful->looks) {
          requests.push_back(look.request);
        }
      }
    }
    auto replies = store_.transact(requests, Store::OnRefusal::go_on);
    if (!replies && replies.error().failure == Failure::refused) {
      if (!replies.error().hint.empty()) {
        report(replies.error());  // the answer has the server's words only
      }
      return refuse(replies.error());
    }
    WEIR_TRY(replies);
    std::vector<Result<Reply>> answers;
    auto reply = replies->begin();
    for (const Queued& command : commands) {
      if (const auto* known = std::get_if<Reply>(&command)) {
        answers.emplace_back(*known);
      } else if (const auto* wrong = std::get_if<Error>(&command)) {
        answers.emplace_back(tl::unexpected<Error>(*wrong));
      } else if (const auto* doubtful = std::get_if<Doubtful>(&command)) {
        const auto first = std::exchange(reply, reply + static_cast<std::ptrdiff_t>(doubtful->looks.size()));
        answers.push_back(settled(std::span(first, reply), *doubtful));
      } else {
        answers.push_back(std::move(*reply++));
      }
      if (!answers.back()) {
        note(answers.back().error());
      }
    }
    write_batch_answers(out_.text(), format_, answers);
    return out_.flush_if_large();
  }

  Output& out_;
  Format format_;
  Store& store_;
  std::vector<Xadd> additions_;  // to be stored together
  std::optional<std::vector<Queued>> transaction_;
  bool spoiled_ = false;
  int status_ = 0;
};

Error wrong_line(std::uint64_t line_number, const io::LineError& error) {
  return {Failure::bad_input,
          "ERR line " + std::to_string(line_number) + ", column " + std::to_string(error.column) + ": " + error.reason};
}

// Calls `each` with the words of every line, or the error of one that has none, and `pause` when there are no more
// lines for now, before the output is flushed.
template <typename Each, typename Pause>
Result<void> for_each_line(Output& out, LineReader::Wait wait, Each&& each, Pause&& pause) {
  LineReader lines(STDIN_FILENO, wait);
  std::vector<std::string> words;
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
      const auto parsed = io::parse_batch_line(*line, words);
      if (parsed && words.empty()) {
        continue;
      }
      WEIR_TRY(each(number, parsed ? Result<Words>(words) : tl::unexpected(wrong_line(number, parsed.error()))));
    }
  }
}

Result<int> run_atomically(const Session& session, Store& store) {
  std::vector<Queued> commands;
  std::vector<std::uint64_t> numbers;
  std::vector<Request> requests;
  const auto failed = [](std::uint64_t number, Error error) {
    error.message = "line " + std::to_string(number) + ": " + error.message;
    error.hint = "nothing was done";
    return tl::unexpected<Error>(std::move(error));
  };
  WEIR_TRY(for_each_line(
      session.out, nullptr,
      [&](std::uint64_t number, const Result<Words>& words) -> Result<void> {
        WEIR_ASSIGN(const Words command, words);
        Queued next = queued(parse_redis(command));
        if (const auto* error = std::get_if<Error>(&next)) {
          return failed(number, *error);
        }
        if (const auto* doubtful = std::get_if<Doubtful>(&next)) {
          return failed(number, doubtful->error);
        }
        if (std::holds_alternative<Control>(next)) {
          return failed(number, {Failure::usage, "ERR all of batch --atomic is one transaction already"});
        }
        if (const auto* request = std::get_if<Request>(&next)) {
          requests.push_back(*request);
          numbers.push_back(number);
        }
        commands.push_back(std::move(next));
        return {};
      },
      [] { return Result<void>(); }));
  WEIR_ASSIGN(const auto replies, store.transact(requests, Store::OnRefusal::undo));
  if (!replies.empty() && !replies.back()) {
    return failed(numbers[replies.size() - 1], replies.back().error());
  }
  auto reply = replies.begin();
  for (const Queued& command : commands) {
    const auto* known = std::get_if<Reply>(&command);
    write_batch_answer(session.out.text(), session.settings.format, known != nullptr ? *known : **reply++);
    WEIR_TRY(session.out.flush_if_large());
  }
  return 0;
}

}  // namespace

Result<int> run_batch(const Session& session) {
  if (!session.arguments.words.empty()) {
    return fail(Failure::usage, "batch takes no arguments: it reads commands from standard input");
  }
  say_what_is_awaited("commands");
  WEIR_ASSIGN(const auto store, open_store(session.settings, Access::make));
  if (session.arguments.options.has("--atomic")) {
    return run_atomically(session, *store);
  }
  Batch batch(session, *store);
  WEIR_TRY(for_each_line(
      session.out, wait_of(session),
      [&](std::uint64_t, Result<Words> words) { return words ? batch.run(*words) : batch.spoil(words.error()); },
      [&] { return batch.finish(); }));
  return batch.status();
}

}  // namespace weir::cli
