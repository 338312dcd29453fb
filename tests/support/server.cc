#include "support/server.h"

#include <fcntl.h>
#include <signal.h>
#ifdef __linux__
#include <sys/prctl.h>
#endif
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <algorithm>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <iterator>
#include <sstream>
#include <stdexcept>

#include "support/wait.h"
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

#ifdef __linux__
bool is_main_thread() {
  return ::gettid() == ::getpid();
}
/// A test that crashes leaves no server, which would hold the pipe to ctest.
void end_with_parent() {
  ::prctl(PR_SET_PDEATHSIG, SIGKILL);
}
#else
bool is_main_thread() {
  return false;
}
void end_with_parent() {}
#endif

/// The program that every test starts servers with; what it prints comes from the child.
Child testing(std::vector<std::string> words) {
  words.insert(words.begin(), {"python3", WEIR_TESTING});
  const bool for_whole_test = is_main_thread();  // the system takes the thread for the parent
  return Child([&](int out) {
    const int null = ::open("/dev/null", O_RDWR);
    ::dup2(null, STDIN_FILENO);
    ::dup2(out, STDOUT_FILENO);
    if (for_whole_test) {
      end_with_parent();
    }
    std::vector<char*> argv;
    argv.reserve(words.size() + 1);
    for (std::string& word : words) {
      argv.push_back(word.data());
    }
    argv.push_back(nullptr);
    ::execvp(argv[0], argv.data());
    ::_exit(127);
  });
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

Server::Server(std::string program, std::vector<std::string> options)
    : program_(std::move(program)), options_(std::move(options)) {
  char folder[] = "/tmp/weir.XXXXXX";
  if (::mkdtemp(folder) == nullptr) {
    throw std::runtime_error("no folder for a socket");
  }
  folder_ = folder;
  start();
}

Server::~Server() {
  kill();
  std::error_code ignored;
  std::filesystem::remove_all(folder_, ignored);
}

void Server::start() {
  std::vector<std::string> words{"server", folder_, program_, "--dir", data_.path()};
  words.insert(words.end(), options_.begin(), options_.end());
  process_.emplace(testing(words));
  if (process_->line() != "ready") {
    throw std::runtime_error(program_ + " does not start");
  }
}

void Server::kill() {
  process_.reset();
}

void Server::stop() const {
  ::kill(process_->pid(), SIGSTOP);
}

void Server::go_on() const {
  ::kill(process_->pid(), SIGCONT);
}

std::string Server::ask(const std::string& line) const {
  return ask_at(socket(), line);
}

void Server::wait_for_blocked(int clients) const {
  const std::string word = "blocked_clients:";
  const auto blocked = [&] {
    const std::string info = ask("INFO clients");
    const auto at = info.find(word);
    return at == std::string::npos ? 0 : std::stoi(info.substr(at + word.size()));
  };
  if (!soon([&] { return blocked() >= clients; })) {
    throw std::runtime_error("the server never had so many blocked clients");
  }
}

Cluster::Cluster(std::size_t nodes) : program_(testing({"cluster", data_.path(), std::to_string(nodes)})) {
  std::istringstream told(program_->line().value_or(""));
  ports_.assign(std::istream_iterator<int>(told), {});
  if (ports_.size() != nodes) {
    throw std::runtime_error("there is no cluster");
  }
}

}  // namespace weir::test
