// Parts of a worker that need neither a store nor a process.
#include "catch.h"
#include "stream/field_edit.h"
#include "text/moment.h"
#include "worker/dead/dead_letter.h"
#include "worker/loop.h"
#include "worker/process/lines.h"
#include "worker/process/template.h"

using namespace weir;

using weir::without_last;
using weir::worker::Backoff;
using weir::worker::backoff_after;
using weir::worker::CommandTemplate;
using weir::worker::DeadLetter;
using weir::worker::Death;
using weir::worker::LineSplitter;
using weir::worker::make_dead_letter;
using weir::worker::Message;
using weir::worker::read_dead_letter;
using weir::worker::Tail;

namespace {

Message message_of(const std::string& json) {
  return {"s", Id{5, 1}, Fields::from_json(json), 2};
}

std::vector<std::string> expanded(const std::vector<std::string>& command, const std::string& json) {
  const auto parsed = CommandTemplate::parse(command, false);
  REQUIRE(parsed);
  const Message message = message_of(json);
  const auto arguments = parsed->expand(message, message.fields.pairs());
  REQUIRE(arguments);
  return *arguments;
}

std::string error_of(const std::vector<std::string>& command, bool batch = false) {
  const auto parsed = CommandTemplate::parse(command, batch);
  REQUIRE_FALSE(parsed);
  CHECK(parsed.error().failure == Failure::usage);
  return parsed.error().message;
}

}  // namespace

TEST_CASE("a placeholder is the value of its field, within one argument", "[worker]") {
  CHECK(expanded({"mail", "--to={to}", "{n}"}, R"({"to":"a b","n":1.50})") ==
        std::vector<std::string>{"mail", "--to=a b", "1.50"});
  CHECK(expanded({"x", "{v}"}, R"({"v":"$(rm) {v} \"q\"\n"})") == std::vector<std::string>{"x", "$(rm) {v} \"q\"\n"});
  CHECK(expanded({"x", "", "{v}"}, R"({"v":""})") == std::vector<std::string>{"x", "", ""});
}

TEST_CASE("of a field that is there twice, the last counts", "[worker]") {
  CHECK(expanded({"x", "{v}"}, R"({"v":"1","v":"2"})")[1] == "2");
}

TEST_CASE("the entry, its ID, its stream, its deliveries, and braces", "[worker]") {
  CHECK(expanded({"x", "{}", "{id}|{stream}|{deliveries}", "{{id}}", "}}{{"}, R"({"v":1})") ==
        std::vector<std::string>{"x", R"({"id":"5-1","stream":"s","fields":{"v":1},"deliveries":2})", "5-1|s|2", "{id}",
                                 "}{"});
}

TEST_CASE("a message that does not fit the command says why", "[worker]") {
  const auto parsed = CommandTemplate::parse(std::vector<std::string>{"x", "{to}"}, false);
  const Message without = message_of(R"({"from":"a"})");
  CHECK(parsed->expand(without, without.fields.pairs()).error().reason == "no field 'to'");
  const Message nul = message_of(R"({"to":"a\u0000b"})");
  CHECK(parsed->expand(nul, nul.fields.pairs()).error().reason == "field 'to' holds a NUL byte, which no argument can");
}

TEST_CASE("a command in which a message would be more than data is refused", "[worker]") {
  CHECK(error_of({"{cmd}"}) == "the command's name '{cmd}' cannot come from a message");
  CHECK(error_of({"sh", "-c", "echo {v}"}) == "'echo {v}' would let a message run as a shell script");
  CHECK(error_of({"/bin/bash", "-ec", "echo {v}"}) == "'echo {v}' would let a message run as a shell script");
  const std::vector<std::vector<std::string>> hidden = {
      {"sh", "-c", "--", "echo {v}"},       {"sh", "-c", "-e", "echo {v}"},
      {"sh", "-c", "-o", "errexit", "{v}"}, {"sh", "-co", "errexit", "{v}"},
      {"bash", "-c", "+x", "-", "{v}"},     {"bash", "-o", "errexit", "-c", "{v}"},
      {"env", "A=1", "sh", "-c", "{v}"},    {"timeout", "5", "/bin/sh", "-c", "{v}"},
      {"busybox", "sh", "-c", "{v}"},       {"find", ".", "-exec", "sh", "-c", "{v}", ";"},
      {"fish", "-c", "true", "-c", "{v}"},  {"fish", "--command={v}"},
      {"fish", "-C", "true", "-c", "{v}"},  {"sh", "-c", "\"$@\"", "sh", "sh", "-c", "{v}"},
      {"su", "ann", "-c", "{v}"},           {"flock", "lock", "-c", "{v}"},
      {"sh", "-c", "-{v}", "true"},
  };
  for (const auto& command : hidden) {
    CHECK_THAT(error_of(command), Catch::Matchers::EndsWith("would let a message run as a shell script"));
  }
}

TEST_CASE("who writes braces that are the command's own is told to double them", "[worker]") {
  const auto hint_of = [](const std::vector<std::string>& command) {
    const auto parsed = CommandTemplate::parse(command, false);
    REQUIRE_FALSE(parsed);
    return parsed.error().hint;
  };
  const std::string doubled = "braces that are the command's own are doubled: ";
  using Catch::Matchers::StartsWith;
  CHECK_THAT(hint_of({"sh", "-c", R"(cp "$1" "${1%.jpg}.png")", "sh", "{f}"}), StartsWith(doubled + "${{1%.jpg}}; in"));
  CHECK_THAT(hint_of({"sh", "-c", "echo {{}} {v} ${x}"}), StartsWith(doubled + "${{x}}; in"));
  CHECK_THAT(hint_of({"sh", "-c", "f() { echo; }; f"}), StartsWith(doubled + "{{ echo; }}; in"));
  CHECK_THAT(hint_of({"sh", "-c", "{ " + std::string(50, 'x') + "; }"}), StartsWith(doubled + "{{ … }}; in"));
  CHECK_THAT(hint_of({"awk", "{print NR}"}), StartsWith(doubled + "{{print NR}}; a"));
  CHECK_THAT(hint_of({"awk", "{print}"}), StartsWith(doubled + "{{print}}; a"));
  CHECK_THAT(hint_of({"xargs", "-I{}", "rm", "{}"}), StartsWith(doubled + "{{}}; a"));
  CHECK_THAT(hint_of({"ssh", "host", "echo ${x}"}), StartsWith(doubled + "${{x}}; a"));
  CHECK_THAT(hint_of({"sh", "-c", "echo {v}"}), StartsWith("in the script a field is"));
  CHECK_THAT(hint_of({"python3", "-c", "{v}"}), StartsWith("a script takes"));
}

TEST_CASE("a message may be an argument of a shell's script, and of what is no shell", "[worker]") {
  CHECK(expanded({"sh", "-ec", "curl \"$@\"", "curl", "-c", "{v}"}, R"({"v":";ls"})")[5] == ";ls");
  CHECK(expanded({"sh", "script", "{v}"}, R"({"v":";ls"})")[2] == ";ls");
  CHECK(expanded({"wc", "-c", "{v}"}, R"({"v":";ls"})")[2] == ";ls");
  CHECK(expanded({"env", "sh", "-c", "-e", "--", "echo \"$1\"", "x", "{v}"}, R"({"v":";ls"})")[7] == ";ls");
  CHECK(expanded({"sh", "-c", "echo \"$1\" {id}", "sh", "{v}"}, R"({"v":";ls"})")[4] == ";ls");
}

TEST_CASE("a message is no script, no option of a shell, and no command's name", "[worker]") {
  const std::vector<std::vector<std::string>> dangerous = {
      {"sh"},
      {"bash", "-s", "x"},
      {"sh", "-e"},
      {"sh", "-"},
      {"/usr/bin/env", "bash"},
      {"busybox", "sh"},
      {"timeout", "5", "dash"},
      {"nice", "-n", "5", "zsh"},
      {"posh", "{v}"},
      {"pdksh", "{v}"},
      {"lksh", "-e", "{v}"},
      {"oksh", "{v}"},
      {"bash", "{a}", "{b}"},
      {"bash", "-o", "errexit", "{a}"},
      {"sh", "-{a}", "{b}"},
      {"sh", "--", "{a}"},
      {"env", "{a}"},
      {"env", "A=1", "{a}"},
      {"env", "-S", "{a}"},
      {"env", "-S{a}"},
      {"env", "--split-string={a}"},
      {"nohup", "{a}"},
      {"timeout", "5", "{a}"},
      {"xargs", "sh", "-c"},
      {"xargs", "-n", "1", "sh"},
      {"xargs", "env"},
      {"ssh", "host", "echo", "{a}"},
      {"ssh", "{a}", "date"},
      {"ssh", "-p", "22", "host"},
      {"ssh", "host", "sh"},
      {"watch", "echo {a}"},
      {"find", ".", "-exec", "sh", "{a}", ";"},
      {"python3", "-c", "print({a})"},
      {"python3"},
      {"python3.11", "-"},
      {"python3", "{a}"},
      {"perl", "-e", "{a}"},
      {"perl", "-lane", "print {a}"},
      {"perl", "-e", "print", "{a}"},
      {"perl", "-e{a}"},
      {"ruby", "-e", "{a}"},
      {"node", "--eval", "{a}"},
      {"php", "-r", "{a}"},
      {"awk", "{a}"},
      {"gawk", "-F", ",", "{{print \"{a}\"}}"},
      {"awk", "-f", "{a}", "file"},
      {"sed", "s/x/{a}/"},
      {"sed", "-e", "s/x/{a}/", "file"},
      {"sh", "-c", "eval \"$1\"", "sh", "{a}"},
      {"sh", "-c", "cd /; eval \"run $WEIR_FIELD_a\""},
      {"sh", "-c", "\"$1\"", "x", "{a}"},
      {"bash", "-c", "cd / && exec ${{1}} -v", "x", "{a}"},
      {"sh", "-c", "if true; then \"$2\"; fi", "x", "b", "{a}"},
      {"sh", "-c", "x=$($@)", "x", "{a}"},
      {"sh", "-c", "\"$WEIR_FIELD_a\" -v"},
      {"sh", "-c", "$0", "{a}"},
      {"sh", "-c", "{{ \"${{WEIR_FIELD_a1}}\"; }}"},
      {"xargs", "sh", "-c", "\"$@\"", "sh"},
      {"prlimit", "--nofile=10", "{a}"},
      {"prlimit", "--nofile=10", "sh"},
      {"strace", "-f", "-o", "log", "bash", "{a}"},
      {"rsh", "host", "echo", "{a}"},
      {"script", "-qc", "echo {a}", "/dev/null"},
      {"script", "--command=echo {a}"},
      {"env", "LD_PRELOAD={a}", "true"},
      {"sudo", "A=1", "PATH={a}", "true"},
      {"Rscript", "-e", "print({a})"},
      {"Rscript", "-e", "commandArgs()", "{a}"},
      {"Rscript", "{a}"},
      {"R", "--no-save", "-f", "{a}"},
  };
  for (const auto& command : dangerous) {
    CAPTURE(command);
    const auto parsed = CommandTemplate::parse(command, false);
    REQUIRE_FALSE(parsed);
    CHECK(parsed.error().failure == Failure::usage);
  }
}

TEST_CASE("a command that takes values as arguments is no false alarm", "[worker]") {
  const std::vector<std::vector<std::string>> harmless = {
      {"sh", "-c", "cmd \"$1\"", "sh", "{a}"},
      {"sh", "-ec", "cat"},
      {"sh", "script.sh", "{a}"},
      {"bash", "-o", "errexit", "script.sh", "{a}"},
      {"script.sh", "{a}"},
      {"./bash-script", "{a}"},
      {"env", "A={a}", "cmd", "{b}"},
      {"env", "-u", "HOME", "cmd"},
      {"timeout", "5", "cmd", "{a}"},
      {"timeout", "{a}", "cmd"},
      {"nice", "-n", "{a}", "cmd", "{b}"},
      {"sudo", "-u", "ann", "cmd", "{a}"},
      {"xargs", "-n", "1", "echo"},
      {"xargs", "sh", "-c", "echo \"$1\"", "sh"},
      {"grep", "sh", "{a}"},
      {"printf", "%s", "bash"},
      {"ssh", "host", "cat >> file"},
      {"python3", "-c", "import sys; print(sys.argv)", "{a}"},
      {"python3", "script.py", "{a}"},
      {"python3", "-m", "json.tool"},
      {"python3", "-u", "script.py", "{a}"},
      {"perl", "-e", "print @ARGV", "--", "{a}"},
      {"perl", "script.pl", "{a}"},
      {"awk", "{{print $1}}", "{a}"},
      {"awk", "-v", "a={a}", "BEGIN {{ print a }}"},
      {"sed", "s/a/b/", "{a}"},
      {"sh", "-c", "eval \"$(tool env)\"; cmd \"$1\"", "sh", "{a}"},
      {"find", "{a}", "-name", "sh"},
      {"sh", "-c", "\"$@\"", "sh", "cmd", "{a}"},
      {"sh", "-c", "\"$1\" \"$2\"", "sh", "cmd", "{a}"},
      {"sh", "-c", "echo 'a; $1' \"b; $1 c\" | x \"$1\"", "sh", "{a}"},
      {"sh", "-c", "case \"$1\" in a) exec cmd \"$1\";; esac", "sh", "{a}"},
      {"sh", "-c", "for a in \"$@\"; do cmd \"$a\"; done", "sh", "{a}"},
      {"sh", "-c", "\"$1\"/bin/cmd", "sh", "{a}"},
      {"strace", "-f", "-o", "{a}", "cmd", "{b}"},
      {"prlimit", "--nofile=10", "cmd", "{a}"},
      {"rsh", "host", "cat >> file"},
      {"script", "-qc", "cmd", "{a}"},
      {"env", "WHO={a}", "cmd"},
      {"Rscript", "-e", "commandArgs()", "x", "{a}"},
      {"Rscript", "script.R", "{a}"},
      {"jq", ".a"},
      {"mail", "-s", "{subject}", "{to}"},
  };
  for (const auto& command : harmless) {
    CAPTURE(command);
    const auto parsed = CommandTemplate::parse(command, false);
    CHECK((parsed ? std::string() : parsed.error().message).empty());
  }
  CHECK(CommandTemplate::parse(std::vector<std::string>{"sh"}, false, false));
}

TEST_CASE("a template that makes no sense is refused", "[worker]") {
  CHECK(error_of({"x", "{a"}) == "a single '{' in '{a'");
  CHECK(error_of({"x", "a}"}) == "a single '}' in 'a}'");
  CHECK(error_of({"x", "{a{b}"}) == "a single '{' in '{a{b}'");
  CHECK(error_of({"x", "{id}"}, true) == "'{id}' stands for one message, but --batch runs the command for several");
  CHECK(error_of({}) == "no command was given");
}

TEST_CASE("back-off doubles, with jitter, within its limits", "[worker]") {
  std::minstd_rand random(7);
  const Backoff backoff{Millis(1'000), Millis(60'000)};
  for (int i = 0; i < 100; ++i) {
    const auto first = backoff_after(backoff, 1, random);
    CHECK((first >= Millis(1'000) && first <= Millis(1'500)));
    const auto third = backoff_after(backoff, 3, random);
    CHECK((third >= Millis(4'000) && third <= Millis(6'000)));
    const auto late = backoff_after(backoff, 1'000'000, random);
    CHECK((late >= Millis(45'000) && late <= Millis(60'000)));
  }
  CHECK(backoff_after({Millis(0), Millis(0)}, 5, random) == Millis(0));
}

TEST_CASE("a dead letter gives the message back exactly", "[worker]") {
  const Death death{"g", "c", 5, "exit 65", UnixMs(1'000), "last\nlines"};
  for (const std::string json :
       {R"({})", R"({"a":1.50,"b":"x, \"y\"}","c":null})", R"({"weir.stderr":"mine","a":1,"a":2})",
        R"({"b":{"base64":"/w=="}})", R"([[{"base64":"/w=="},"value"]])", R"({"a":"\\"})"}) {
    const Fields letter = make_dead_letter(message_of(json), death);
    const auto read = read_dead_letter(letter);
    REQUIRE(read);
    CHECK(read->original.json() == json);
    CHECK(read->stream == "s");
    CHECK(read->id == Id{5, 1});
    CHECK(read->death.deliveries == 5);
    CHECK(read->death.reason == "exit 65");
    CHECK(read->death.last_lines == "last\nlines");
  }
  CHECK_FALSE(read_dead_letter(Fields::from_json(R"({"a":1})")));
  for (const char* damaged : {"", "{", "{}", "{\"a\":1}", "[", "{\"a\":1}},,,,,,,,,,"}) {
    CHECK(without_last(Fields::from_json(damaged), 9).json() == "{}");
  }
}

TEST_CASE("a message that was put back keeps the ID it had first", "[worker]") {
  DeadLetter letter;
  letter.id = Id{5, 1};
  letter.original = Fields::from_json(R"({"a":1})");
  const Fields once = requeued_fields(letter);
  CHECK(once.json() == R"({"a":1,"weir.requeued":"5-1"})");
  letter.id = Id{9, 0};
  letter.original = once;
  CHECK(requeued_fields(letter).json() == once.json());
}

TEST_CASE("times are written for people", "[worker]") {
  CHECK(weir::utc_time(UnixMs(0)) == "1970-01-01T00:00:00.000Z");
  CHECK(weir::utc_time(UnixMs(1'526'919'030'474)) == "2018-05-21T16:10:30.474Z");
  CHECK(weir::utc_time(UnixMs::max()) == std::to_string(UnixMs::max().count()));
}

TEST_CASE("lines come out whole, however they come in", "[worker]") {
  std::vector<std::string> lines;
  const auto sink = [&](std::string_view line) { lines.emplace_back(line); };
  LineSplitter splitter(8);
  splitter.feed("on", sink);
  splitter.feed("e\n\ntwo\nthr", sink);
  splitter.feed("ee", sink);
  CHECK(lines == std::vector<std::string>{"one", "", "two"});
  splitter.finish(sink);
  CHECK(lines.back() == "three");
  CHECK_FALSE(splitter.broken());
  lines.clear();
  splitter.feed("0123456789abcdef\nx\n", sink);
  CHECK(lines == std::vector<std::string>{"01234567", "89abcdef", "x"});
  CHECK(splitter.broken());
}

TEST_CASE("of standard error the last lines are kept, and no more", "[worker]") {
  Tail tail;
  for (int i = 0; i < 1'000; ++i) {
    tail.add("line " + std::to_string(i));
  }
  CHECK(tail.text().substr(0, 9) == "line 980\n");
  tail.add(std::string(100'000, 'x'));
  CHECK(tail.text().size() <= 4'096);
}
