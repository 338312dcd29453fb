#include "server/administration.h"

#include <algorithm>
#include <array>

#include "command/grammar_words.h"
#include "text/words.h"

namespace weir::server {
namespace {

using command::Words;

/// Whoever says the password is answered by this time, right or wrong.
bool same_secret(std::string_view a, std::string_view b) {
  unsigned difference = a.size() == b.size() ? 0 : 1;
  for (std::size_t i = 0; i < a.size(); ++i) {
    const char other = b.empty() ? '\0' : b[i % b.size()];
    difference |= static_cast<unsigned>(static_cast<unsigned char>(a[i]) ^ static_cast<unsigned char>(other));
  }
  return difference == 0;
}

/// A command, and where its answer goes.
struct Asked {
  Asked(Client& of, Clients& others, About& server, Words all_words, std::string& answer)
      : client(of), clients(others), about(server), words(all_words), out(answer) {}
  Client& client;
  Clients& clients;
  About& about;
  Words words;
  std::string& out;

  io::Resp& writer() {
    if (!writer_) {
      writer_ = Client::writer(out, client.protocol);
    }
    return *writer_;
  }
  void ok() { writer().status("OK"); }
  void wrong_arity(std::string_view name) { writer().error(command::wrong_arity(name).value().message); }

 private:
  std::unique_ptr<io::Resp> writer_;
};

void select(Asked& asked) {
  if (asked.words.size() != 2) {
    asked.wrong_arity("select");
  } else if (asked.words[1] == "0") {
    asked.ok();
  } else {
    asked.writer().error("ERR DB index is out of range");
  }
}

void quit(Asked& asked) {
  asked.client.ending = true;
  asked.ok();
}

void reset(Asked& asked) {
  Client& client = asked.client;
  client.session = {};
  client.watched.clear();
  client.protocol = 2;
  client.name.clear();
  client.authenticated = asked.about.password.empty();
  client.replies = true;
  client.monitors = false;
  client.may_be_evicted = client.touches_keys = true;
  Client::writer(asked.out, client.protocol)->status("RESET");
}

void auth(Asked& asked) {
  if (asked.words.size() < 2) {
    asked.wrong_arity("auth");
    return;
  }
  if (asked.words.size() > 3) {
    asked.writer().error("ERR syntax error");
    return;
  }
  if (asked.about.password.empty() && asked.words.size() == 2) {
    asked.writer().error(
        "ERR AUTH <password> called without any password configured for the default user. Are you sure your "
        "configuration is correct?");
    return;
  }
  const bool known = asked.words.size() == 2 || asked.words[1] == "default";
  if (same_secret(asked.words.back(), asked.about.password) && known) {
    asked.client.authenticated = true;
    asked.ok();
  } else {
    asked.writer().error("WRONGPASS invalid username-password pair or user is disabled.");
  }
}

void time(Asked& asked) {
  const auto now =
      std::chrono::duration_cast<std::chrono::microseconds>(std::chrono::system_clock::now().time_since_epoch())
          .count();
  constexpr std::int64_t kMicros = 1'000'000;
  asked.writer().array(2);
  asked.writer().bulk(std::to_string(now / kMicros));
  asked.writer().bulk(std::to_string(now % kMicros));
}

struct Row {
  std::string_view name;
  void (*answer)(Asked& asked);
  bool for_strangers = false;
};

constexpr std::array kRows = {
    Row{"auth", auth, true}, Row{"quit", quit, true}, Row{"reset", reset, true},
    Row{"select", select},   Row{"time", time},
};

const Row* row_of(Words words) {
  const auto* row = std::ranges::find_if(kRows, [&](const Row& each) { return same_word(each.name, words[0]); });
  return row == kRows.end() ? nullptr : row;
}

}  // namespace

bool is_administrative(Words words) {
  return row_of(words) != nullptr;
}

bool is_for_strangers(Words words) {
  const Row* row = row_of(words);
  return row != nullptr && row->for_strangers;
}

void administer(Client& client, Clients& clients, About& about, Words words, std::string& out) {
  Asked asked(client, clients, about, words, out);
  row_of(words)->answer(asked);
}

}  // namespace weir::server
