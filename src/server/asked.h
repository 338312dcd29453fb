// A command that is not about the store, while the server answers it; and the table rows of all such commands.
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

  /// Writes the answer in the client's protocol.
  io::Resp& writer() {
    if (!writer_) {
      writer_ = Client::writer(out, client.protocol);
    }
    return *writer_;
  }
  /// The rest of the answer is written in another protocol.
  void change_protocol(int protocol) {
    client.protocol = protocol;
    writer_.reset();
  }

  void ok() { writer().status("OK"); }
  /// `text` is the error that Redis gives, without the leading "ERR ".
  void refuse(std::string_view text) { writer().error("ERR " + std::string(text)); }
  void syntax_error() { refuse("syntax error"); }

 private:
  std::unique_ptr<io::Resp> writer_;
};

/// What the server knows of a command that is not about the store; command::RedisCommand is the same for the store's.
struct Row {
  std::string_view name;                   ///< in small letters, a subcommand after a bar
  int arity = 0;                           ///< as in command::RedisCommand
  void (*answer)(Asked& asked) = nullptr;  ///< null: the loop answers it
  std::string_view group = {};             ///< "connection" or "server"
  std::string_view summary = {};
  bool for_strangers = false;  ///< a client may give the command before it has said the password
  command::NamedStreams names = command::NamedStreams::none;
};

/// Whether the first word is the name of a row, or of a family of subcommands.
bool is_own(command::Words words);
/// The name of the row that the words belong to. Fails as Redis does if there is no such subcommand or the number of
/// words is wrong. Requires: `is_own(words)`.
Result<std::string_view> check_own(command::Words words);

/// All rows, family by family.
std::array<std::span<const Row>, 6> rows();

// The families; each is in the file that is named after it.
std::span<const Row> client_rows();   // client_rows.cc: CLIENT
std::span<const Row> command_rows();  // command_rows.cc: COMMAND
std::span<const Row> config_rows();   // config_rows.cc: CONFIG
std::span<const Row> info_rows();     // info_rows.cc: INFO
std::span<const Row> hello_rows();    // hello_rows.cc: HELLO, AUTH
std::span<const Row> other_rows();    // other_rows.cc: commands that take a few lines each

/// Answers the subcommand HELP of a command, from the rows of its subcommands.
void answer_help(Asked& asked);

}  // namespace weir::server
