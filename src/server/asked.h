// A command that is not about the store, while it is answered, and the rows of all of these.
#pragma once

#include <array>
#include <memory>
#include <span>
#include <string>
#include <string_view>

#include "command/grammar_words.h"
#include "command/redis_command.h"
#include "server/clients.h"

namespace weir::server {

struct Asked {
  Asked(Client& client_, Clients& clients_, About& about_, command::Words words_, std::string& out_)
      : client(client_), clients(clients_), about(about_), words(words_), out(out_) {}

  Client& client;
  Clients& clients;
  About& about;
  command::Words words;  ///< as many as the row's arity asks for
  std::string& out;

  /// In the client's protocol.
  io::Resp& writer() {
    if (!writer_) {
      writer_ = Client::writer(out, client.protocol);
    }
    return *writer_;
  }
  /// What follows is written in another protocol.
  void change_protocol(int protocol) {
    client.protocol = protocol;
    writer_.reset();
  }

  void ok() { writer().status("OK"); }
  /// `text` is Redis's, without its "ERR ".
  void refuse(std::string_view text) { writer().error("ERR " + std::string(text)); }
  void syntax_error() { refuse("syntax error"); }

 private:
  std::unique_ptr<io::Resp> writer_;
};

/// What the server knows of such a command, as command::RedisCommand is of one that is about the store.
struct Row {
  std::string_view name;                   ///< in small letters, a subcommand after a bar
  int arity = 0;                           ///< as in command::RedisCommand
  void (*answer)(Asked& asked) = nullptr;  ///< null: the loop answers it
  std::string_view group = {};             ///< "connection" or "server"
  std::string_view summary = {};
  bool for_strangers = false;  ///< a client may give it that has not said the password
  command::NamedStreams names = command::NamedStreams::none;
};

/// Whether a row, or a family of subcommands, has the command's name.
bool is_own(command::Words words);
/// The name of the row that the words have in mind. Fails as Redis does where there is no such subcommand, or where the
/// number of words is wrong. Requires: they are some row's own.
Result<std::string_view> check_own(command::Words words);

/// All rows, family by family.
std::array<std::span<const Row>, 6> rows();

// The families: each is in the file of its name.
std::span<const Row> client_rows();   // client_rows.cc: CLIENT
std::span<const Row> command_rows();  // command_rows.cc: COMMAND
std::span<const Row> config_rows();   // config_rows.cc: CONFIG
std::span<const Row> info_rows();     // info_rows.cc: INFO
std::span<const Row> hello_rows();    // hello_rows.cc: HELLO, AUTH
std::span<const Row> other_rows();    // other_rows.cc: what is a few lines each

/// Answers HELP of a command with subcommands, from their rows.
void answer_help(Asked& asked);

}  // namespace weir::server
