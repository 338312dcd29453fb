// Commands that clients ask of the server itself and not of the store: HELLO, AUTH, CLIENT, COMMAND, CONFIG, INFO …
#pragma once

#include <string>
#include <string_view>

#include "command/grammar.h"
#include "server/clients.h"

namespace weir::server {

/// Whether `administer` answers the command. In MULTI such a command is queued like any other.
bool is_administrative(command::Words words);

/// Whether a client that has not said the password may give the command.
bool is_for_strangers(command::Words words);

/// The name of the row that the command belongs to, even if the number of words is wrong. Empty: there is no such row.
std::string_view name_of_own(command::Words words);

/// Answers a command: appends the answer, in the client's protocol, to `out`. Requires: `is_administrative(words)`. The
/// command may change its client, and other clients through `clients`; it never blocks.
void administer(Client& client, Clients& clients, About& about, command::Words words, std::string& out);

/// Whether the words are an INFO that has to tell how many streams there are, which only the store knows.
bool asks_for_keyspace(command::Words words);
/// The part of INFO's answer that needs no store; `append_keyspace` appends the part that does.
std::string info_text(Client& client, Clients& clients, About& about, command::Words words);
void append_keyspace(std::string& out, std::size_t streams);

/// The line by which MONITOR shows a command, with the passwords left out.
std::string monitor_line(const Client& client, command::Words words);

}  // namespace weir::server
