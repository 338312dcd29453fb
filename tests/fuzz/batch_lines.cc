// Lines of batch: the words survive both ways of writing them, and each line with words has one answer, or ends the run
// with a reported failure.
#include "fuzz/fuzz.h"
#include "io/batch_line.h"
#include "io/json_diagnosis.h"
#include "stream/fields.h"

using namespace weir;
using fuzz::hold;

namespace {

using Words = std::vector<std::string>;

std::string as_json(const Words& words) {
  std::string line = "[";
  for (const std::string& word : words) {
    line += line.size() > 1 ? "," : "";
    append_json_value(line, word);
  }
  return line + "]";
}

std::string as_quoted(const Words& words) {
  constexpr char kDigits[] = "0123456789abcdef";
  std::string line;
  for (const std::string& word : words) {
    line += '"';
    for (const char c : word) {
      const auto byte = static_cast<unsigned char>(c);
      line += "\\x";
      line += kDigits[byte / 16];
      line += kDigits[byte % 16];
    }
    line += "\" ";
  }
  return line;
}

// Gives whether the line has an answer.
bool check_line(std::string_view line) {
  Words words;
  if (const auto parsed = io::parse_batch_line(line, words); !parsed) {
    hold(parsed.error().column >= 1 && parsed.error().column <= line.size() + 1, "the column is in the line", line);
    hold(!parsed.error().reason.empty(), "a refusal has a reason", line);
    return true;
  }
  if (words.empty()) {
    return false;
  }
  Words again;
  hold(io::parse_batch_line(as_json(words), again) && again == words, "words as JSON are the same words", line);
  hold(io::parse_batch_line(as_quoted(words), again) && again == words, "words in quotes are the same words", line);
  return true;
}

void check_answers(const fuzz::Outcome& outcome, std::string_view format, std::size_t asked, std::string_view input) {
  hold(outcome.status >= 0 && outcome.status <= 5, "the exit status is one of those that are documented", input);
  const bool stopped = outcome.status == 5;
  hold(stopped <= !outcome.err.empty(), "a failure of the store is told on standard error", input);
  if (stopped) {
    return;
  }
  if (format == "jsonl") {
    const auto answers = fuzz::lines_of(outcome.out);
    hold(answers.size() == asked, "each line has one answer", input);
    for (const std::string_view answer : answers) {
      hold(!io::diagnose_json(answer), "an answer is JSON", answer);
    }
  } else if (format == "resp") {
    hold(fuzz::are_resp_replies(outcome.out, asked), "each line has one reply in RESP", outcome.out);
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view input = fuzz::text_of(data, size);
  std::size_t asked = 0;
  for (const std::string_view line : fuzz::lines_of(input)) {
    asked += check_line(line) ? 1 : 0;
  }
  const std::string format = size % 3 == 0 ? "jsonl" : size % 3 == 1 ? "resp" : "redis";
  fuzz::Folder::get().renew();
  check_answers(fuzz::run_weir({"--output", format, "batch"}, input), format, asked, input);
  fuzz::Folder::get().renew();
  const int status = fuzz::run_weir({"batch", "--atomic"}, input).status;
  hold(status >= 0 && status <= 5, "the exit status is one of those that are documented", input);
  return 0;
}
