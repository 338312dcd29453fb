// One run of the command. Only commands*.cc uses it.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "worker/process/commands.h"

namespace weir::worker {

struct Commands::Run {
  Run(std::vector<Message> run_messages, std::string run_input, bool keeps_products)
      : messages(std::move(run_messages)),
        label(messages.empty() ? Id() : messages.front().id),
        input(std::move(run_input)),
        out_lines(keeps_products ? kMaxProducts : LineSplitter::kPassing) {}

  /// With --into: how many bytes one run may print. They are kept in memory until the run is acknowledged.
  static constexpr std::size_t kMaxProducts = 16 << 20;

  static constexpr std::size_t kAllLines = SIZE_MAX;

  std::vector<Message> messages;  ///< none: the command is the --on-dead script
  Id label;                       ///< the ID of the first message, or of the dead one
  pid_t pid = -1;
  std::atomic<pid_t>* place = nullptr;
  Fd in;
  Fd out;
  Fd err;
  std::string input;
  std::size_t fed = 0;
  LineSplitter out_lines;
  LineSplitter err_lines{LineSplitter::kPassing};
  Tail tail;
  Tail log_output{kAllLines};
  Tail log_errors{kAllLines};
  UnixMs started{unix_now()};
  SteadyTime began{std::chrono::steady_clock::now()};
  std::vector<Fields> products;
  std::size_t product_bytes = 0;
  std::size_t product_lines = 0;
  std::string product_error;
  std::optional<SteadyTime> limit;
  std::optional<SteadyTime> kill_at;
  bool timed_out = false;
  bool stopped = false;
};

}  // namespace weir::worker
