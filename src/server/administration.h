// What clients ask of the server itself, and not of the store: HELLO, AUTH, CLIENT, COMMAND, CONFIG, INFO, SELECT …
#pragma once

#include <string>
#include <string_view>

#include "command/grammar.h"
#include "server/clients.h"

namespace weir::server {

/// Whether the command is answered by `administer`. Such a command waits in MULTI like any other.
bool is_administrative(command::Words words);

/// Whether it may be given by a client that has not said the password.
bool is_for_strangers(command::Words words);

/// The name of the row that the words have in mind, whatever their number is. Empty: there is none.
std::string_view name_of_own(command::Words words);

/// Answers it: appends the answer, in the client's protocol, to `out`. Requires: it is administrative.
/// It may change the client, and others through `clients`; it never blocks.
void administer(Client& client, Clients& clients, About& about, command::Words words, std::string& out);

/// Whether the words are an INFO that is to tell how many streams there are, which only the store knows.
bool asks_for_keyspace(command::Words words);
/// What INFO tells without the store, and the rest of it.
std::string info_text(Client& client, Clients& clients, About& about, command::Words words);
void append_keyspace(std::string& out, std::size_t streams);

/// A command as MONITOR shows it, without passwords: the line of the answer.
std::string monitor_line(const Client& client, command::Words words);

}  // namespace weir::server
