// fan_out READERS MESSAGES WEIR DATABASE: READERS processes wait on one stream, and each gets all MESSAGES messages,
// which come 100 ms apart. Prints the processor time of all readers together, in milliseconds for each message.
#include <sys/resource.h>

#include <chrono>
#include <thread>
#include <vector>

#include "spawn.h"

int main(int argc, char** argv) {
  if (argc != 5) {
    return 2;
  }
  const int readers = std::atoi(argv[1]);
  const int messages = std::atoi(argv[2]);
  const Process producer = spawn_weir(argv[3], argv[4], "xadd", "fan", "--quiet");
  std::vector<Process> waiting;
  for (int i = 0; i < readers; ++i) {
    waiting.push_back(spawn_weir(argv[3], argv[4], "xread", "fan", "--follow"));
  }
  for (int i = 0; i < messages; ++i) {
    std::this_thread::sleep_for(std::chrono::milliseconds(100));
    std::fputs("{\"n\":1}\n", producer.in);
    std::fflush(producer.in);
    for (const Process& reader : waiting) {
      if (!read_line(reader)) {
        return 1;
      }
    }
  }
  std::fclose(producer.in);
  waitpid(producer.pid, nullptr, 0);
  double total = 0;
  for (const Process& reader : waiting) {
    kill(reader.pid, SIGTERM);
    rusage used{};
    wait4(reader.pid, nullptr, 0, &used);
    for (const timeval& time : {used.ru_utime, used.ru_stime}) {
      total += static_cast<double>(time.tv_sec) * 1e3 + static_cast<double>(time.tv_usec) / 1e3;
    }
  }
  std::printf("%.2f\n", total / messages);
}
