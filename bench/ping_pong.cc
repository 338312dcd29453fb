// ping_pong PROCESSES LINES COMMAND…: starts the command PROCESSES times, and gives each process a line, waits for its
// answer, and gives it the next line, until LINES answers have come in all. Prints commits a second, and the median and
// the slowest answer in milliseconds. (The time ends with the last of these answers. A starved process has a slow
// answer, but does not lower the count, since the others give the answers that it does not.)
#include <algorithm>
#include <atomic>
#include <chrono>
#include <thread>
#include <vector>

#include "spawn.h"

int main(int argc, char** argv) {
  if (argc < 4) {
    return 2;
  }
  const int processes = std::atoi(argv[1]);
  const int lines = std::atoi(argv[2]);
  using Clock = std::chrono::steady_clock;
  std::vector<std::vector<double>> answers(static_cast<std::size_t>(processes));
  std::vector<Process> children;
  for (int i = 0; i < processes; ++i) {
    children.push_back(spawn(argv + 3));
  }
  const auto ask = [](const Process& child) {
    std::fputs("{\"to\":\"someone@example.org\",\"subject\":\"a message of the usual length\",\"n\":12345}\n",
               child.in);
    std::fflush(child.in);
    if (!read_line(child)) {
      std::fputs("a process gave no answer\n", stderr);
      std::exit(1);
    }
  };
  for (const Process& child : children) {
    ask(child);  // the process is running
  }
  std::atomic<int> answered = 0;
  std::atomic<Clock::rep> ended = 0;
  const auto start = Clock::now();
  std::vector<std::thread> threads;
  for (int i = 0; i < processes; ++i) {
    threads.emplace_back([&, i] {
      auto& mine = answers[static_cast<std::size_t>(i)];
      while (answered < lines) {
        const auto asked = Clock::now();
        ask(children[static_cast<std::size_t>(i)]);
        const auto now = Clock::now();
        mine.push_back(std::chrono::duration<double, std::milli>(now - asked).count());
        if (++answered == lines) {
          ended = (now - start).count();
        }
      }
    });
  }
  for (auto& thread : threads) {
    thread.join();
  }
  const std::chrono::duration<double> time = Clock::duration(ended);
  for (const Process& child : children) {
    std::fclose(child.in);
    waitpid(child.pid, nullptr, 0);
  }
  std::vector<double> all;
  for (const auto& mine : answers) {
    all.insert(all.end(), mine.begin(), mine.end());
  }
  std::sort(all.begin(), all.end());
  std::printf("%.0f %.2f %.2f\n", lines / time.count(), all[all.size() / 2], all.back());
}
