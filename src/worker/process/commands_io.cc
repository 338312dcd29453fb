// Input and output of the commands.
#include <sys/ioctl.h>

#include <algorithm>
#include <array>
#include <cerrno>

#include "io/terminal_text.h"
#include "worker/process/commands.h"
#include "worker/process/running_command.h"

namespace weir::worker {

void Commands::close(Fd& fd) {
  if (fd) {
    poller_.unwatch(fd.get());
    by_fd_.erase(fd.get());
    fd.reset();
  }
}

void Commands::feed(Run& run) {
  while (run.fed < run.input.size()) {
    const ssize_t count = ::write(run.in.get(), run.input.data() + run.fed, run.input.size() - run.fed);
    if (count < 0 && errno == EINTR) {
      continue;
    }
    if (count < 0 && errno == EAGAIN) {
      return;
    }
    if (count < 0) {
      break;  // the command does not read its input, which is its own decision
    }
    run.fed += static_cast<std::size_t>(count);
  }
  close(run.in);
  run.input = {};
}

/// Reads what is there, at most one buffer; returns how many bytes.
std::size_t Commands::listen(Run& run, Stream which) {
  Fd& fd = which == Stream::output ? run.out : run.err;
  if (!fd) {
    return 0;
  }
  static thread_local std::array<char, 64 << 10> buffer;
  ssize_t count = 0;
  do {
    count = ::read(fd.get(), buffer.data(), buffer.size());
  } while (count < 0 && errno == EINTR);
  if (count <= 0) {
    if (count == 0) {
      close(fd);
    }
    return 0;
  }
  LineSplitter& lines = which == Stream::output ? run.out_lines : run.err_lines;
  lines.feed({buffer.data(), static_cast<std::size_t>(count)},
             [&](std::string_view line) { take_line(run, which, line); });
  return static_cast<std::size_t>(count);
}

/// The command has ended, so the rest of its output is in the pipe. A process that the command left in another session
/// may print for ever; that output is not read.
void Commands::listen_to_rest(Run& run, Stream which) {
  const Fd& fd = which == Stream::output ? run.out : run.err;
  int left = 0;
  if (!fd || ioctl(fd.get(), FIONREAD, &left) != 0) {
    return;
  }
  for (std::size_t rest = left > 0 ? static_cast<std::size_t>(left) : 0; rest > 0;) {
    const std::size_t count = listen(run, which);
    if (count == 0) {
      return;
    }
    rest -= std::min(rest, count);
  }
}

void Commands::finish_stream(Run& run, Stream which) {
  LineSplitter& lines = which == Stream::output ? run.out_lines : run.err_lines;
  lines.finish([&](std::string_view line) { take_line(run, which, line); });
  close(which == Stream::output ? run.out : run.err);
}

void Commands::take_line(Run& run, Stream which, std::string_view line) {
  if (!options_.log.empty()) {
    (which == Stream::error ? run.log_errors : run.log_output).add(line);
  }
  if (which == Stream::error) {
    run.tail.add(line);
  } else if (!options_.into.empty() && !run.messages.empty()) {
    take_product(run, line);
    return;
  }
  Outlet& outlet = which == Stream::output ? out_ : err_;
  if (options_.tag) {
    outlet.put(to_string(run.label) + "\t");
  }
  outlet.put(line);
  outlet.put("\n");
}

void Commands::take_product(Run& run, std::string_view line) {
  ++run.product_lines;
  const auto wrong = [&](const std::string& why) {
    run.product_error = "printed, in line " + std::to_string(run.product_lines) + ", " + why;
    run.products.clear();
  };
  if (!run.product_error.empty() || line.find_first_not_of(" \t\r") == std::string_view::npos) {
    return;
  }
  run.product_bytes += line.size();
  if (run.out_lines.broken() || run.product_bytes > Run::kMaxProducts) {
    wrong("more than can be kept for --into");
    return;
  }
  std::string padded(line);
  padded.resize(line.size() + io::LineParser::kPadding);
  auto parsed = parser_.parse(std::string_view(padded).substr(0, line.size()));
  if (!parsed) {
    wrong("something that is not a message: column " + std::to_string(parsed.error().column) + ": " +
          parsed.error().reason);
    return;
  }
  run.products.push_back(std::move(parsed->fields));
}

void Commands::wait(Millis timeout) {
  ready_.clear();
  poller_.wait(timeout, ready_);
  for (const int fd : ready_) {
    const auto found = by_fd_.find(fd);
    if (found == by_fd_.end()) {
      continue;
    }
    Run& run = *found->second;
    if (fd == run.in.get()) {
      feed(run);
    } else {
      listen(run, fd == run.out.get() ? Stream::output : Stream::error);
    }
  }
  pass_output();
}

/// Nothing here blocks, because a terminal may be stopped (Ctrl-S).
void Commands::pass_output() {
  constexpr std::string_view kClear = "\r\x1b[K";
  const auto waits = [&] { return out_.waiting() > 0 || err_.waiting() > 0; };
  if (!standing_.empty() && waits()) {
    err_.put_first(kClear);
    standing_.clear();
  }
  err_.flush();  // first, because what is on the terminal's last line comes before any other line
  out_.flush();
  if (standing_ != shown_ && !waits()) {
    err_.put("\r" + shown_ + "\x1b[K");
    err_.flush();
    standing_ = shown_;
  }
  update_watches();
}

void Commands::update_watches() {
  const auto update = [&](const Outlet& outlet, bool& watched) {
    if (watched != (outlet.waiting() > 0)) {
      watched = !watched && poller_.watch_writing(outlet.fd());
      if (outlet.waiting() == 0) {
        poller_.unwatch(outlet.fd());
      }
    }
  };
  update(out_, out_watched_);
  update(err_, err_watched_);
  const bool listening = !congested();
  if (listening == listening_) {
    return;
  }
  listening_ = listening;
  for (const auto& run : runs_) {
    for (const Fd* fd : {&run->out, &run->err}) {
      if (*fd && listening) {
        poller_.watch_reading(fd->get());
      } else if (*fd) {
        poller_.unwatch(fd->get());
      }
    }
  }
}

void Commands::say(const std::string& line) {
  err_.put(io::visible(line).text + "\n");
}

void Commands::flush() {
  pass_output();
  out_.drain();
  err_.drain();
}

}  // namespace weir::worker
