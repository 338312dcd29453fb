// MULTI, EXEC and DISCARD, without a store.
#include "command/session.h"

#include "catch.h"

using namespace weir;

using command::Session;
using command::Transaction;

namespace {

Session::Step take(Session& session, const std::vector<std::string_view>& words) {
  return session.take(words);
}

bool is_queued(const Session::Step& step) {
  const auto* reply = std::get_if<Reply>(&step);
  const auto* status = reply == nullptr ? nullptr : std::get_if<Status>(reply);
  return status != nullptr && status->text == "QUEUED";
}

std::string error_of(const Session::Step& step) {
  const auto* error = std::get_if<Error>(&step);
  return error == nullptr ? "" : error->message;
}

}  // namespace

TEST_CASE("Outside MULTI a command is to be run at once") {
  Session session;
  CHECK(std::holds_alternative<Request>(take(session, {"XLEN", "s"})));
  CHECK(std::holds_alternative<Reply>(take(session, {"PING"})));
  CHECK(error_of(take(session, {"EXEC"})) == "ERR EXEC without MULTI");
  CHECK(error_of(take(session, {"DISCARD"})) == "ERR DISCARD without MULTI");
}

TEST_CASE("EXEC gives what was queued, and an answer for each of it") {
  Session session;
  take(session, {"MULTI"});
  CHECK(is_queued(take(session, {"XLEN", "s"})));
  CHECK(is_queued(take(session, {"PING"})));
  CHECK(is_queued(take(session, {"XRANGE", "s", "here", "+"})));
  CHECK(error_of(take(session, {"MULTI"})) == "ERR MULTI calls can not be nested");
  Session::Step step = take(session, {"EXEC"});
  REQUIRE(std::holds_alternative<Transaction>(step));
  const auto& transaction = std::get<Transaction>(step);
  REQUIRE(transaction.requests().size() == 1);
  const auto answers = transaction.answers({Result<Reply>(Count{7})});
  REQUIRE(answers.size() == 3);
  CHECK(std::get<Count>(*answers[0]).value == 7);
  CHECK(std::get<Status>(*answers[1]).text == "PONG");
  CHECK(answers[2].error().message == "ERR Invalid stream ID specified as stream command argument");
}

TEST_CASE("What Redis would not let pass to execution spoils a transaction, and only that one") {
  Session session;
  take(session, {"MULTI"});
  CHECK(error_of(take(session, {"XLEN"})) == "ERR wrong number of arguments for 'xlen' command");
  CHECK(is_queued(take(session, {"XLEN", "s"})));
  CHECK(session.queued() == 0);  // nothing is kept of what is not done
  CHECK(error_of(take(session, {"EXEC"})) == "EXECABORT Transaction discarded because of previous errors.");
  take(session, {"MULTI"});
  take(session, {"XLEN", "s"});
  CHECK(std::holds_alternative<Transaction>(take(session, {"EXEC"})));
}

TEST_CASE("DISCARD forgets what was queued") {
  Session session;
  take(session, {"MULTI"});
  take(session, {"XLEN", "s"});
  CHECK(std::holds_alternative<Reply>(take(session, {"DISCARD"})));
  CHECK(std::holds_alternative<Request>(take(session, {"XLEN", "s"})));
}
