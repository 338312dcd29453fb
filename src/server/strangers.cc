// Clients that have not said the password yet, and clients that say a wrong one.
#include <utility>

#include "server/loop.h"

namespace weir::server {
namespace {

/// The answer to a wrong password is delayed by this time. While such an answer is pending, the answer to the right
/// password is delayed as well.
constexpr Millis kAfterWrongPassword{500};

}  // namespace

/// Limits what a client may send, and how long it may stay, according to whether it has said the password.
void Loop::limit(Connection& connection) {
  io::CommandLimits limits;
  limits.word = options_.max_bulk;
  connection.reader.limit(connection.client.authenticated ? limits : io::kStrangersLimits);
  strangers_.erase({connection.stranger_since, connection.client.id});
  if (!connection.client.authenticated) {
    connection.stranger_since = std::chrono::steady_clock::now();
    strangers_.emplace(connection.stranger_since, connection.client.id);
  }
}

/// Otherwise anybody who can connect could occupy a client's place for ever.
void Loop::drop_strangers() {
  const SteadyTime come_before = std::chrono::steady_clock::now() - options_.bounds.strangers;
  while (!strangers_.empty() && strangers_.begin()->first <= come_before) {
    Connection* connection = find(strangers_.begin()->second);
    strangers_.erase(strangers_.begin());
    if (connection != nullptr && !connection->client.authenticated) {
      close(*connection,
            "it has not said the password within " + std::to_string(options_.bounds.strangers.count()) + " s");
    }
  }
}

/// A client that guesses passwords must not fill the log.
void Loop::note_guess(const Client& client) {
  constexpr std::chrono::seconds kPause{1};
  const SteadyTime now = std::chrono::steady_clock::now();
  guessed_ = now;
  if (now - guess_said_ < kPause) {
    ++guesses_unsaid_;
    return;
  }
  guess_said_ = now;
  const std::uint64_t unsaid = std::exchange(guesses_unsaid_, 0);
  options_.log("client " + std::to_string(client.id) + " (" + client.address + ") said a wrong password" +
               (unsaid == 0 ? "" : ", " + std::to_string(unsaid) + " others before it"));
}

/// Whether the answer to a wrong password is still pending.
bool Loop::was_guessed_at() const {
  return std::chrono::steady_clock::now() - guessed_ < kAfterWrongPassword;
}

void Loop::hold(Connection& connection) {
  connection.held = true;
  held_.emplace(std::chrono::steady_clock::now() + kAfterWrongPassword, connection.client.id);
}

void Loop::release_held() {
  while (!held_.empty() && held_.begin()->first <= std::chrono::steady_clock::now()) {
    Connection* connection = find(held_.begin()->second);
    held_.erase(held_.begin());
    if (connection != nullptr) {
      connection->held = false;
      proceed(*connection);
    }
  }
}

}  // namespace weir::server
