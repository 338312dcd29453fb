// wake MESSAGES WEIR DATABASE: measures the time from a line given to one process until another, waiting process prints
// it; lines come 20 ms apart. Prints the median and the 99th percentile in milliseconds, then the share of a core that
// the waiting process used, in percent, while no message came for 10 seconds.
#include <sys/resource.h>

#include <algorithm>
#include <chrono>
#include <fstream>
#include <thread>
#include <vector>

#include "spawn.h"

namespace {

/// The processor time of a process, in seconds.
double processor_time(pid_t pid) {
  std::ifstream file("/proc/" + std::to_string(pid) + "/schedstat");
  double nanoseconds = 0;
  file >> nanoseconds;
  return nanoseconds / 1e9;
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 4) {
    return 2;
  }
  const int messages = std::atoi(argv[1]);
  using Clock = std::chrono::steady_clock;
  const Process producer = spawn_weir(argv[2], argv[3], "xadd", "wake", "--quiet");
  const Process consumer = spawn_weir(argv[2], argv[3], "xread", "wake", "--follow");
  std::vector<double> times;
  for (int i = -5; i < messages; ++i) {
    std::this_thread::sleep_for(std::chrono::milliseconds(20));
    const auto sent = Clock::now();
    std::fputs("{\"n\":1}\n", producer.in);
    std::fflush(producer.in);
    if (!read_line(consumer)) {
      return 1;
    }
    if (i >= 0) {
      times.push_back(std::chrono::duration<double, std::milli>(Clock::now() - sent).count());
    }
  }
  const double before = processor_time(consumer.pid);
  constexpr int kIdleSeconds = 10;
  std::this_thread::sleep_for(std::chrono::seconds(kIdleSeconds));
  const double idle = processor_time(consumer.pid) - before;
  kill(consumer.pid, SIGTERM);
  std::fclose(producer.in);
  waitpid(consumer.pid, nullptr, 0);
  waitpid(producer.pid, nullptr, 0);
  std::sort(times.begin(), times.end());
  std::printf("%.3f %.3f %.4f\n", times[times.size() / 2], times[times.size() * 99 / 100], 100 * idle / kIdleSeconds);
}
