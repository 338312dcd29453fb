#include "command/session.h"

#include <utility>

#include "command/doubtful.h"
#include "text/words.h"

namespace weir::command {

void Transaction::add(Queued command) {
  const std::size_t first = requests_.size();
  if (auto* request = std::get_if<Request>(&command)) {
    requests_.push_back(std::move(*request));
    commands_.emplace_back(Asked{first});
  } else if (auto* doubtful = std::get_if<Doubtful>(&command)) {
    for (const Look& look : doubtful->looks) {
      requests_.push_back(look.request);
    }
    const std::size_t looks = doubtful->looks.size();
    commands_.emplace_back(Asked{first, looks, std::move(*doubtful)});
  } else if (auto* reply = std::get_if<Reply>(&command)) {
    commands_.emplace_back(std::move(*reply));
  } else {
    commands_.emplace_back(std::move(std::get<Error>(command)));
  }
}

const Request* Transaction::request_of(std::size_t command) const {
  const auto* asked = std::get_if<Asked>(&commands_[command]);
  return asked != nullptr && !asked->doubtful ? &requests_[asked->first] : nullptr;
}

std::vector<Result<Reply>> Transaction::answers(std::vector<Result<Reply>> replies) const {
  std::vector<Result<Reply>> answers;
  answers.reserve(commands_.size());
  auto reply = replies.begin();
  for (const auto& command : commands_) {
    if (const auto* known = std::get_if<Reply>(&command)) {
      answers.emplace_back(*known);
    } else if (const auto* wrong = std::get_if<Error>(&command)) {
      answers.emplace_back(tl::unexpected<Error>(*wrong));
    } else if (const auto& asked = std::get<Asked>(command); asked.doubtful) {
      const auto first = std::exchange(reply, reply + static_cast<std::ptrdiff_t>(asked.requests));
      answers.push_back(settled(std::span(first, reply), *asked.doubtful));
    } else {
      answers.push_back(std::move(*reply++));
    }
  }
  return answers;
}

Session::Step Session::take(Words words) {
  const auto command = find_command(words);
  if (!command) {
    Step refused = spoil(command.error());
    if (same_word(words[0], "exec")) {  // EXEC ends the transaction even if its words are wrong
      queue_.reset();
      spoiled_ = false;
    }
    return refused;
  }
  auto parsed = (*command)->parse({words});
  if (const Control* mark = parsed ? std::get_if<Control>(&*parsed) : nullptr) {
    return control(*mark);
  }
  Transaction::Queued known = Error{};
  if (!parsed) {
    known = std::move(parsed).error();
  } else if (auto* request = std::get_if<Request>(&*parsed)) {
    known = std::move(*request);
  } else if (auto* doubtful = std::get_if<Doubtful>(&*parsed)) {
    known = std::move(*doubtful);
  } else {
    known = std::move(std::get<Reply>(*parsed));
  }
  if (queue_) {
    return queue(std::move(known));
  }
  return std::visit([](auto& what) -> Step { return std::move(what); }, known);
}

Session::Step Session::queue(Transaction::Queued command) {
  if (!spoiled_) {
    queue_->add(std::move(command));
  }
  return Reply(Status{"QUEUED"});
}

Session::Step Session::spoil(Error error) {
  spoiled_ = queue_.has_value();
  if (queue_) {
    queue_.emplace();
  }
  return error;
}

Session::Step Session::control(Control mark) {
  if (mark == Control::multi) {
    if (queue_) {
      return Error{Failure::usage, "ERR MULTI calls can not be nested"};
    }
    queue_.emplace();
    return Reply(Ok{});
  }
  if (!queue_) {
    return Error{Failure::usage, mark == Control::exec ? "ERR EXEC without MULTI" : "ERR DISCARD without MULTI"};
  }
  Transaction transaction = std::move(*queue_);
  queue_.reset();
  const bool spoiled = std::exchange(spoiled_, false);
  if (mark == Control::discard) {
    return Reply(Ok{});
  }
  if (spoiled) {
    return Error{Failure::usage, "EXECABORT Transaction discarded because of previous errors."};
  }
  return transaction;
}

}  // namespace weir::command
