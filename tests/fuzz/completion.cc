// Completion: the first line of an answer is a directive, and no name in the database can be taken for a directive, for
// a second candidate, or for anything that a terminal or a shell obeys. The input is one word on each line, an empty
// line, and names.
#include "cli/complete/complete.h"

#include "fuzz/fuzz.h"
#include "sqlite/sqlite_store.h"

using namespace weir;
using fuzz::hold;

namespace {

// Each name is that of a stream, of a group and of a consumer.
void store_names(std::string_view rest) {
  StoreOptions options;
  options.durability = Durability::off;
  const auto store = sqlite::open_sqlite_store("w.db", options);
  hold(store.has_value(), "the database is opened");
  constexpr std::size_t kMost = 8;
  for (std::size_t n = 0; n < kMost && !rest.empty(); ++n) {
    const std::string name(fuzz::take_until(rest, "\n"));
    const Fields fields = Fields::from_pairs({{name, name}});
    static_cast<void>((*store)->run(Xadd{name, {NewId::Kind::exact, {1, n + 1}}, fields, true, std::nullopt}));
    for (const std::string& stream : {name, std::string("s")}) {
      static_cast<void>((*store)->run(XgroupCreate{stream, name, kMinId, true, std::nullopt, false}));
      static_cast<void>((*store)->run(XgroupCreateConsumer{stream, name, name}));
      static_cast<void>((*store)->run(XgroupCreateConsumer{stream, "g", name}));
    }
  }
}

void check_candidate(std::string_view line, std::string_view typed) {
  const std::string_view name = fuzz::take_until(line, "\t");
  hold(!name.empty() && name.starts_with(typed), "a candidate goes on from what is typed", name);
  hold(fuzz::is_harmless(name), "a candidate is harmless, and is shown as what it is", name);
  hold(fuzz::is_harmless(line), "its meaning is harmless", line);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  std::string_view input = fuzz::text_of(data, size);
  const std::string_view line = fuzz::take_until(input, "\n\n");
  const std::vector<std::string> words = fuzz::words_of(line);
  const fuzz::Folder& folder = fuzz::Folder::get();
  folder.renew();
  if (!input.empty()) {
    store_names(input);
  }
  const std::vector<std::string_view> argv(words.begin(), words.end());
  std::string out;
  cli::complete(argv, out);
  hold(folder.has_only_database(), "to complete makes nothing", line);
  if (out.empty()) {
    return 0;
  }
  hold(out.back() == '\n', "an answer is whole lines", out);
  const auto answer = fuzz::lines_of(out);
  hold(answer[0] == "words" || answer[0] == "databases" || answer[0] == "command", "a directive comes first", out);
  hold(answer[0] == "words" || answer.size() == 1, "nothing follows where the shell knows better", out);
  hold(answer.size() <= cli::kMostCandidates + 1, "there is an end of candidates", out);
  for (const std::string_view candidate : std::span(answer).subspan(1)) {
    check_candidate(candidate, argv.empty() ? std::string_view() : argv.back());
  }
  return 0;
}
