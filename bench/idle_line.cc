// idle_line READERS WEIR DATABASE: READERS processes wait in line for messages of one group. Prints the share of a core
// that all of them use together, in percent, while no message comes for 10 seconds.
#include <fcntl.h>
#include <time.h>

#include <chrono>
#include <string>
#include <thread>
#include <vector>

#include "spawn.h"

namespace {

/// The processor time of all threads of a process, in seconds.
double processor_time(pid_t pid) {
  clockid_t clock{};
  timespec used{};
  if (clock_getcpuclockid(pid, &clock) == 0) {
    clock_gettime(clock, &used);
  }
  return static_cast<double>(used.tv_sec) + static_cast<double>(used.tv_nsec) / 1e9;
}

double processor_time(const std::vector<Process>& processes) {
  double total = 0;
  for (const Process& process : processes) {
    total += processor_time(process.pid);
  }
  return total;
}

/// Whether a reader has this place in the line of the first group: see src/sqlite/file/lock_file.h.
bool in_line(int file, int ticket) {
  struct flock lock {};
  lock.l_type = F_WRLCK;
  lock.l_whence = SEEK_SET;
  lock.l_start = (off_t{1} << 32) + ticket;
  lock.l_len = 1;
  return fcntl(file, F_OFD_GETLK, &lock) == 0 && lock.l_type != F_UNLCK;
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 4) {
    return 2;
  }
  const int readers = std::atoi(argv[1]);
  const std::string database = argv[3];
  const std::string weir = "'" + std::string(argv[2]) + "' --db '" + database + "' ";
  if (std::system((weir + "group create s g 0 --mkstream").c_str()) != 0) {
    return 1;
  }
  const int file = open((database + "-lock").c_str(), O_RDWR | O_CLOEXEC);
  std::vector<Process> waiting;
  for (int i = 0; i < readers; ++i) {
    std::vector<std::string> words{argv[2],   "--db", database,     "xreadgroup",           "s", "--group", "g",
                                   "--block", "0",    "--consumer", "c" + std::to_string(i)};
    std::vector<char*> command;
    for (std::string& word : words) {
      command.push_back(word.data());
    }
    command.push_back(nullptr);
    waiting.push_back(spawn(command.data()));
    while (!in_line(file, i)) {
      std::this_thread::sleep_for(std::chrono::milliseconds(1));
    }
  }
  constexpr int kSettleSeconds = 20;  // until each reader has looked once more after the last reader came
  constexpr int kIdleSeconds = 10;
  std::this_thread::sleep_for(std::chrono::seconds(kSettleSeconds));
  const double before = processor_time(waiting);
  std::this_thread::sleep_for(std::chrono::seconds(kIdleSeconds));
  const double idle = processor_time(waiting) - before;
  for (const Process& reader : waiting) {
    kill(reader.pid, SIGTERM);
  }
  for (const Process& reader : waiting) {
    waitpid(reader.pid, nullptr, 0);
  }
  std::printf("%.3f\n", 100 * idle / kIdleSeconds);
}
