#include "contract/server.h"

#include <fcntl.h>
#include <signal.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <stdexcept>

#include "system/fd.h"

namespace weir::test {
namespace {

std::string ask_at(const std::string& path, const std::string& line) {
  const Fd fd(::socket(AF_UNIX, SOCK_STREAM, 0));
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  std::strncpy(address.sun_path, path.c_str(), sizeof address.sun_path - 1);
  if (::connect(fd.get(), reinterpret_cast<sockaddr*>(&address), sizeof address) != 0) {
    return {};
  }
  std::string reply(64 * 1024, '\0');
  const std::string sent = line + "\r\n";
  const bool written = ::write(fd.get(), sent.data(), sent.size()) == static_cast<ssize_t>(sent.size());
  const ssize_t length = written ? ::read(fd.get(), reply.data(), reply.size()) : 0;
  reply.resize(length > 0 ? static_cast<std::size_t>(length) : 0);
  return reply;
}

/// Not while it is loading. With a password it answers NOAUTH: it is there.
bool answers(const std::string& path) {
  const std::string reply = ask_at(path, "PING");
  return !reply.empty() && reply.find("LOADING") == std::string::npos;
}

}  // namespace

bool is_installed(const std::string& program) {
  const std::string path = std::getenv("PATH") == nullptr ? "" : std::getenv("PATH");
  for (std::size_t from = 0; from < path.size();) {
    const std::size_t end = std::min(path.find(':', from), path.size());
    if (::access((path.substr(from, end - from) + "/" + program).c_str(), X_OK) == 0) {
      return true;
    }
    from = end + 1;
  }
  return false;
}

pid_t start_program(const std::vector<std::string>& words) {
  std::vector<char*> argv;
  for (const std::string& word : words) {
    argv.push_back(const_cast<char*>(word.c_str()));
  }
  argv.push_back(nullptr);
  const pid_t pid = ::fork();
  if (pid == 0) {
    const int null = ::open("/dev/null", O_RDWR);
    ::dup2(null, 0);
    ::dup2(null, 1);
    ::dup2(null, 2);
    ::execvp(argv[0], argv.data());
    ::_exit(127);
  }
  return pid;
}

Server::Server(std::string program, std::vector<std::string> options)
    : program_(std::move(program)), options_(std::move(options)) {
  char folder[] = "/tmp/weir.XXXXXX";
  if (::mkdtemp(folder) == nullptr) {
    throw std::runtime_error("no folder for a socket");
  }
  sockets_ = folder;
  start();
}

Server::~Server() {
  kill();
  std::error_code ignored;
  std::filesystem::remove_all(sockets_, ignored);
}

void Server::start() {
  std::vector<std::string> words{program_, "--port", "0",     "--unixsocket", socket(),
                                 "--save", "",       "--dir", data_.path()};
  words.insert(words.end(), options_.begin(), options_.end());
  pid_ = start_program(words);
  while (!answers(socket())) {
    if (::waitpid(pid_, nullptr, WNOHANG) == pid_) {
      pid_ = -1;
      throw std::runtime_error(program_ + " does not start");
    }
    ::usleep(2000);
  }
}

void Server::kill() {
  if (pid_ > 0) {
    ::kill(pid_, SIGKILL);
    ::waitpid(pid_, nullptr, 0);
    pid_ = -1;
  }
}

void Server::stop() const {
  ::kill(pid_, SIGSTOP);
}

void Server::go_on() const {
  ::kill(pid_, SIGCONT);
}

std::string Server::ask(const std::string& line) const {
  return ask_at(socket(), line);
}

void Server::wait_for_blocked(int clients) const {
  const std::string wanted = "blocked_clients:" + std::to_string(clients) + "\r";
  while (ask("INFO clients").find(wanted) == std::string::npos) {
    ::usleep(1000);
  }
}

}  // namespace weir::test
