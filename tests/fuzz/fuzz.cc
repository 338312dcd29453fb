#include "fuzz/fuzz.h"

#include <fcntl.h>
#include <hiredis/hiredis.h>
#include <sys/mman.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <csignal>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <memory>

#include "cli/program.h"
#include "cli/run/stop_signals.h"
#include "io/terminal_text.h"
#include "sqlite/sqlite_store.h"

namespace weir::fuzz {
namespace {

// libFuzzer's own words go there; so do ours, while a target has standard error to itself.
const int told = ::dup(STDERR_FILENO);

void must(bool done, const char* what) {
  if (!done) {
    std::perror(what);
    std::abort();
  }
}

template <typename R>
void run(Store& store, const R& request) {
  const auto reply = store.run(request);
  hold(reply.has_value(), "the database to begin with is made", reply ? "" : reply.error().message);
}

std::string make_database(const std::string& path) {
  StoreOptions options;
  options.durability = Durability::off;
  {
    const auto store = sqlite::open_sqlite_store(path, options);
    hold(store.has_value(), "the database to begin with is opened");
    for (std::uint64_t n = 1; n <= 20; ++n) {
      const Fields fields = Fields::from_pairs({{"n", std::to_string(n)}, {"to", "ann@example.org"}});
      run(**store, Xadd{"s", {NewId::Kind::exact, {n, 1}}, fields, true, std::nullopt});
    }
    run(**store, Xadd{"s.dead", {NewId::Kind::exact, {1, 1}}, Fields::from_pairs({{"weir.id", "1-1"}}), true, {}});
    run(**store, Xadd{"\xff", {NewId::Kind::exact, {kMaxPart, 1}}, Fields::from_pairs({{"\xfe", "\xfd"}}), true, {}});
    run(**store, XgroupCreate{"s", "g", kMinId, false, std::nullopt, false});
    run(**store, Xreadgroup{"g", "c", {{"s", std::nullopt}}, 6, std::nullopt, false});
    run(**store, Xack{"s", "g", {{2, 1}}, std::nullopt, false});
    Xnack nack;
    nack.stream = "s";
    nack.group = "g";
    nack.ids = {{3, 1}};
    run(**store, nack);
    run(**store, Xdel{"s", {{4, 1}, {9, 1}}});
  }
  return read_file(path);
}

// A file in memory that takes the place of a standard descriptor.
class Replaced {
 public:
  Replaced(int fd, std::string_view content) : fd_(fd), saved_(::dup(fd)), file_(::memfd_create("weir", MFD_CLOEXEC)) {
    must(file_ >= 0 && ::write(file_, content.data(), content.size()) == static_cast<ssize_t>(content.size()) &&
             ::lseek(file_, 0, SEEK_SET) == 0 && ::dup2(file_, fd_) == fd_,
         "memfd_create");
  }
  ~Replaced() {
    ::dup2(saved_, fd_);
    ::close(saved_);
    ::close(file_);
  }
  Replaced(const Replaced&) = delete;
  Replaced& operator=(const Replaced&) = delete;

  std::string content() const {
    std::string text(static_cast<std::size_t>(::lseek(file_, 0, SEEK_END)), '\0');
    must(::pread(file_, text.data(), text.size(), 0) == static_cast<ssize_t>(text.size()), "pread");
    return text;
  }

 private:
  int fd_;
  int saved_;
  int file_;
};

}  // namespace

void hold(bool property, std::string_view what, std::string_view shown) {
  if (!property) {
    ::dprintf(told, "\nthis does not hold: %s\n", std::string(what).c_str());
    if (!shown.empty()) {
      ::dprintf(told, "of: %s\n", io::visible(shown).text.c_str());
    }
    std::abort();
  }
}

std::string_view take_until(std::string_view& rest, std::string_view end) {
  const std::size_t at = std::min(rest.find(end), rest.size());
  const std::string_view taken = rest.substr(0, at);
  rest.remove_prefix(std::min(at + end.size(), rest.size()));
  return taken;
}

std::vector<std::string_view> lines_of(std::string_view text) {
  std::vector<std::string_view> lines;
  while (!text.empty()) {
    lines.push_back(take_until(text, "\n"));
  }
  return lines;
}

std::vector<std::string> words_of(std::string_view text) {
  std::vector<std::string> words;
  for (const std::string_view word : lines_of(text)) {
    std::string& added = words.emplace_back(word);
    std::replace(added.begin(), added.end(), '\0', '\n');
  }
  return words;
}

bool is_harmless(std::string_view text, std::string_view allowed) {
  for (std::size_t at = 0; at < text.size();) {
    const auto is_rest = [&](std::size_t i) { return i < text.size() && (text[i] & 0xc0) == 0x80; };
    std::size_t end = at + 1;
    while (is_rest(end)) {
      ++end;
    }
    // After a letter, on which a mark may stand.
    const std::string character = "a" + std::string(text.substr(at, end - at));
    if (allowed.find(character[1]) == std::string_view::npos && io::visible(character).text != character) {
      return false;
    }
    at = end;
  }
  return true;
}

bool are_resp_replies(std::string_view bytes, std::size_t replies) {
  const std::unique_ptr<redisReader, decltype(&redisReaderFree)> reader(redisReaderCreate(), &redisReaderFree);
  redisReaderFeed(reader.get(), bytes.data(), bytes.size());
  for (std::size_t i = 0; i < replies; ++i) {
    void* reply = nullptr;
    if (redisReaderGetReply(reader.get(), &reply) != REDIS_OK || reply == nullptr) {
      return false;
    }
    freeReplyObject(reply);
  }
  void* more = nullptr;
  const bool over = redisReaderGetReply(reader.get(), &more) == REDIS_OK && more == nullptr;
  return over && reader->pos == reader->len;
}

void write_file(const std::string& path, std::string_view content) {
  const int fd = ::open(path.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
  must(fd >= 0 && ::write(fd, content.data(), content.size()) == static_cast<ssize_t>(content.size()), path.c_str());
  ::close(fd);
}

std::string read_file(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

Folder& Folder::get() {
  static Folder folder;
  return folder;
}

Folder::Folder() {
  const char* parent = std::getenv("TMPDIR");
  std::string name = std::string(parent != nullptr ? parent : "/tmp") + "/weir-fuzz.XXXXXX";
  must(::mkdtemp(name.data()) != nullptr && ::chdir(name.c_str()) == 0, name.c_str());
  path_ = name;
  ::setenv("WEIR_DB", "w.db", 1);
  ::setenv("WEIR_DURABILITY", "off", 1);
  ::setenv("HOME", path_.c_str(), 1);
  ::setenv("TZ", "UTC", 1);
  database_ = make_database(path_ + "/w.db");
  // The program notes a signal only where nobody else wants it; libFuzzer does.
  const auto before = std::signal(SIGTERM, SIG_DFL);
  {
    const cli::StopSignals stop;
    ::raise(SIGTERM);
  }
  std::signal(SIGTERM, before);
}

Folder::~Folder() {
  std::error_code ignored;
  std::filesystem::remove_all(path_, ignored);
}

void Folder::renew() const {
  for (const std::string& name : files()) {
    std::filesystem::remove_all(path_ + "/" + name);
  }
  write_file(path_ + "/w.db", database_);
}

std::vector<std::string> Folder::files() const {
  std::vector<std::string> names;
  for (const auto& entry : std::filesystem::directory_iterator(path_)) {
    names.push_back(entry.path().filename());
  }
  return names;
}

bool Folder::has_only_database() const {
  return std::ranges::all_of(
      files(), [](const std::string& name) { return name.starts_with("w.db") || name.starts_with(".w.db"); });
}

Outcome run_weir(const std::vector<std::string>& words, std::string_view input) {
  std::string name = "weir";
  std::vector<std::string> copies = words;
  std::vector<char*> argv{name.data()};
  std::ranges::transform(copies, std::back_inserter(argv), [](std::string& word) { return word.data(); });
  const int count = static_cast<int>(argv.size());
  argv.push_back(nullptr);
  const Replaced in(STDIN_FILENO, input);
  const Replaced out(STDOUT_FILENO, {});
  const Replaced err(STDERR_FILENO, {});
  Outcome outcome;
  outcome.status = cli::run(count, argv.data());
  outcome.out = out.content();
  outcome.err = err.content();
  return outcome;
}

}  // namespace weir::fuzz
