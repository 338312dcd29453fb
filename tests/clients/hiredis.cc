// A producer and a worker with hiredis. usage: hiredis produce PORT STREAM COUNT | work PORT STREAM GROUP CONSUMER
#include <hiredis/hiredis.h>
#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <memory>
#include <string>
#include <vector>

namespace {

struct Free {
  void operator()(redisContext* context) const { redisFree(context); }
  void operator()(redisReply* reply) const { freeReplyObject(reply); }
};
using Reply = std::unique_ptr<redisReply, Free>;

int port = 0;
std::string name = "producer";
std::string stream;
std::unique_ptr<redisContext, Free> server;

/// Until a server answers: it may have been killed, and be started again. What a server refuses ends the program.
Reply ask(const std::vector<std::string>& words) {
  std::vector<const char*> pointers;
  std::vector<size_t> lengths;
  for (const std::string& word : words) {
    pointers.push_back(word.data());
    lengths.push_back(word.size());
  }
  for (;; usleep(20000)) {
    if (server == nullptr) {
      server.reset(redisConnect("127.0.0.1", port));
      if (server == nullptr || server->err != 0 ||
          Reply(static_cast<redisReply*>(redisCommand(server.get(), "CLIENT SETNAME %s", name.c_str()))) == nullptr) {
        server.reset();
        continue;
      }
    }
    Reply reply(static_cast<redisReply*>(
        redisCommandArgv(server.get(), static_cast<int>(words.size()), pointers.data(), lengths.data())));
    if (reply == nullptr) {
      server.reset();
      continue;
    }
    if (reply->type == REDIS_REPLY_ERROR && std::strncmp(reply->str, "BUSYGROUP", 9) != 0) {
      std::fprintf(stderr, "%s\n", reply->str);
      std::exit(1);
    }
    return reply;
  }
}

void settle(const char* word, const std::string& group, const redisReply& entries) {
  for (size_t i = 0; i < entries.elements; ++i) {
    const char* id = entries.element[i]->element[0]->str;
    const char* n = entries.element[i]->element[1]->element[1]->str;
    std::printf("%s %s %s\n", word, id, n);
    ask({"XACK", stream, group, id});
    std::printf("acked %s %s\n", id, n);
  }
}

}  // namespace

int main(int argc, char** argv) {
  if (argc < 5) {
    return 2;
  }
  std::setvbuf(stdout, nullptr, _IOLBF, 0);
  port = std::atoi(argv[2]);
  stream = argv[3];
  if (std::strcmp(argv[1], "produce") == 0) {
    for (int number = 1; number <= std::atoi(argv[4]); ++number) {
      std::printf("added %s %d\n", ask({"XADD", stream, "*", "n", std::to_string(number)})->str, number);
    }
    return 0;
  }
  const std::string group = argv[4];
  name = argv[5];
  ask({"XGROUP", "CREATE", stream, group, "0", "MKSTREAM"});
  std::puts("ready");
  while (true) {
    settle("again", group, *ask({"XAUTOCLAIM", stream, group, name, "1000", "0-0", "COUNT", "10"})->element[1]);
    const Reply read = ask({"XREADGROUP", "GROUP", group, name, "COUNT", "5", "BLOCK", "200", "STREAMS", stream, ">"});
    if (read->type == REDIS_REPLY_ARRAY) {
      settle("new", group, *read->element[0]->element[1]);
    }
  }
}
