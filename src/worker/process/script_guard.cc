#include "worker/process/script_guard.h"

#include <algorithm>
#include <array>
#include <cctype>

#include "worker/process/command_names.h"
#include "worker/process/own_braces.h"

namespace weir::worker {
namespace {

using Words = std::span<const CommandWord>;

enum class Kind {
  shell,        ///< -c SCRIPT, or the file of one, or standard input
  interpreter,  ///< the same, but with other letters for -c
  last_code,    ///< the same, and the words after the code are its arguments
  filter,       ///< the first operand is a script, unless an option gave it
  runs,         ///< its words are a command, which it runs
  joins,        ///< joins its words into a line for a shell
};

/// `valued`: letters of options that are followed by a word of their own. `code`: letters of options whose word is a
/// script. `operands`: how many words stand between the options and the command.
struct Program {
  std::string_view name;
  Kind kind;
  std::string_view valued;
  std::string_view code;
  std::size_t operands = 0;
};

constexpr std::array kPrograms{
    Program{"sh", Kind::shell, "oO", "c"},
    Program{"bash", Kind::shell, "oO", "c"},
    Program{"rbash", Kind::shell, "oO", "c"},
    Program{"dash", Kind::shell, "oO", "c"},
    Program{"ash", Kind::shell, "oO", "c"},
    Program{"zsh", Kind::shell, "oO", "c"},
    Program{"ksh", Kind::shell, "oO", "c"},
    Program{"ksh93", Kind::shell, "oO", "c"},
    Program{"mksh", Kind::shell, "oO", "c"},
    Program{"lksh", Kind::shell, "oO", "c"},
    Program{"oksh", Kind::shell, "oO", "c"},
    Program{"pdksh", Kind::shell, "oO", "c"},
    Program{"posh", Kind::shell, "oO", "c"},
    Program{"yash", Kind::shell, "oO", "c"},
    Program{"csh", Kind::shell, "", "c"},
    Program{"tcsh", Kind::shell, "", "c"},
    Program{"fish", Kind::shell, "", "cC"},
    Program{"python", Kind::last_code, "WXQm", "c"},
    Program{"perl", Kind::interpreter, "IMm", "eE"},
    Program{"ruby", Kind::interpreter, "IrCE", "e"},
    Program{"node", Kind::interpreter, "r", "ep"},
    Program{"php", Kind::interpreter, "dcz", "rBRE"},
    Program{"R", Kind::interpreter, "g", "ef"},
    Program{"Rscript", Kind::interpreter, "", "e"},
    Program{"lua", Kind::interpreter, "l", "e"},
    Program{"tclsh", Kind::interpreter, "", ""},
    Program{"awk", Kind::filter, "Fv", "f"},
    Program{"gawk", Kind::filter, "Fv", "fei"},
    Program{"mawk", Kind::filter, "Fv", "f"},
    Program{"nawk", Kind::filter, "Fv", "f"},
    Program{"sed", Kind::filter, "l", "fe"},
    Program{"env", Kind::runs, "uC", "S"},
    Program{"nice", Kind::runs, "n", ""},
    Program{"nohup", Kind::runs, "", ""},
    Program{"setsid", Kind::runs, "", ""},
    Program{"stdbuf", Kind::runs, "ioe", ""},
    Program{"time", Kind::runs, "fo", ""},
    Program{"timeout", Kind::runs, "ks", "", 1},
    Program{"ionice", Kind::runs, "cn", ""},
    Program{"chrt", Kind::runs, "TPD", "", 1},
    Program{"prlimit", Kind::runs, "po", ""},
    Program{"strace", Kind::runs, "abeEIoOpPsSuUX", ""},
    Program{"taskset", Kind::runs, "", "", 1},
    Program{"chroot", Kind::runs, "", "", 1},
    Program{"sudo", Kind::runs, "ugChprtTDR", ""},
    Program{"doas", Kind::runs, "uC", ""},
    Program{"xargs", Kind::runs, "IEdLnPsa", ""},
    Program{"busybox", Kind::runs, "", ""},
    Program{"toybox", Kind::runs, "", ""},
    Program{"ssh", Kind::joins, "BbcDEeFIiJLlmOopQRSWw", ""},
    Program{"rsh", Kind::joins, "lp", ""},
    Program{"watch", Kind::joins, "n", ""},
    Program{"parallel", Kind::joins, "", ""},
};

std::string_view base_name(std::string_view path) {
  return path.substr(path.rfind('/') + 1);
}

/// Finds the program by its name; a version may follow the name: python3, lua5.4.
const Program* known_program(std::string_view path) {
  const std::string_view name = base_name(path);
  for (const Program& program : kPrograms) {
    const std::string_view rest = name.substr(std::min(program.name.size(), name.size()));
    const bool versioned = program.kind != Kind::runs && program.kind != Kind::joins;
    if (name.starts_with(program.name) &&
        (rest.empty() || (versioned && rest.find_first_not_of("0123456789.-") == std::string_view::npos))) {
      return &program;
    }
  }
  return nullptr;
}

bool is_option(std::string_view word) {
  return word.size() > 1 && (word[0] == '-' || word[0] == '+');
}

/// `NAME=…` with the name free of values: what follows the sign is data.
bool is_assignment(std::string_view word) {
  const std::string_view name = word.substr(0, word.find('='));
  return name.size() < word.size() && !name.empty() &&
         std::all_of(name.begin(), name.end(), [](unsigned char c) { return std::isalnum(c) != 0 || c == '_'; });
}

/// Whether this environment variable makes a program run code: the variable's value, or a file that it names.
bool names_code(std::string_view assignment) {
  static constexpr std::array<std::string_view, 14> kNames = {
      "PATH",    "ENV",        "BASH_ENV",      "SHELLOPTS", "PS4",     "PERL5OPT",     "PERL5LIB",
      "PERL5DB", "PYTHONPATH", "PYTHONSTARTUP", "RUBYOPT",   "RUBYLIB", "NODE_OPTIONS", "GIT_SSH_COMMAND"};
  const std::string_view name = assignment.substr(0, assignment.find('='));
  return name.starts_with("LD_") || std::find(kNames.begin(), kNames.end(), name) != kNames.end();
}

/// `first`: another remedy to tell first, if there is one.
std::optional<Error> refuse(const std::string& what, const std::string& first = {}) {
  return Error{
      Failure::usage, what,
      first +
          "a script takes values as arguments: sh -c '… \"$1\"' sh {name}, or sh script {name}; it also finds them "
          "in $WEIR_FIELD_name"};
}

std::optional<Error> becomes_option(std::string_view word, std::string_view program, const std::string& more = {}) {
  return refuse("'" + std::string(word) + "' would let a message be an option of " + std::string(program) + more,
                own_braces_hint(word));
}

std::optional<Error> becomes_code(std::string_view word, std::string_view program) {
  const bool full_of_braces = program.ends_with("awk");
  return refuse("'" + std::string(word) + "' would let a message run as a script of " + std::string(program),
                own_braces_hint(word, full_of_braces));
}

/// Checks one command, and a command inside it.
class Search {
 public:
  explicit Search(bool reads) : reads_(reads) {}

  std::optional<Error> command(Words words) {
    while (true) {
      if (words.empty()) {
        return appends_ && name_ != "xargs" ? refuse("xargs would let a message name the command") : std::nullopt;
      }
      if (words[0].data) {
        return refuse("the command's name '" + std::string(words[0].text) + "' cannot come from a message");
      }
      name_ = base_name(words[0].text);
      program_ = known_program(words[0].text);
      words = words.subspan(1);
      if (program_ == nullptr) {
        return after_exec(words);
      }
      if (auto found = options(words)) {
        return found;
      }
      if (program_->kind != Kind::runs) {
        return program_->kind == Kind::joins ? joined(words) : operand(words);
      }
      appends_ = appends_ || name_ == "xargs";
      words = words.subspan(std::min(program_->operands, words.size()));
      while (!words.empty() && (name_ == "env" || name_ == "sudo") && is_assignment(words[0].text)) {
        if (words[0].data && names_code(words[0].text)) {
          return refuse("'" + std::string(words[0].text) + "' would let a message say which code runs");
        }
        words = words.subspan(1);
      }
      if (words.empty() && name_ == "env" && !appends_) {
        return std::nullopt;  // the program only prints its arguments
      }
    }
  }

 private:
  /// Takes the options off the words, and notes what they say.
  std::optional<Error> options(Words& words) {
    has_code_ = from_stdin_ = ended_ = false;
    while (!words.empty() && !ended_) {
      const CommandWord word = words[0];
      if (!is_option(word.text)) {
        return std::nullopt;  // this is the first operand; a bare "-" counts as one
      }
      words = words.subspan(1);
      if (word.data) {
        return becomes_option(word.text, name_);
      }
      ended_ = word.text == "--";
      if (auto found = option(word.text, words)) {
        return found;
      }
    }
    return std::nullopt;
  }

  std::optional<Error> option(std::string_view text, Words& words) {
    if (text.starts_with("--")) {
      const std::string_view name = text.substr(2);
      const bool code = name == "eval" || name == "expression" || name == "file" || name == "split-string";
      const bool valued = code || name == "rcfile" || name == "init-file" || name == "signal" || name == "kill-after";
      return valued && !words.empty() ? value(words, code) : std::nullopt;
    }
    const bool shell = program_->kind == Kind::shell;
    for (std::size_t i = 1; i < text.size(); ++i) {
      const bool code = program_->code.find(text[i]) != std::string_view::npos;
      if (shell && text[i] == 's') {
        from_stdin_ = true;
      }
      if (code && shell) {
        has_code_ = true;
        continue;  // the script is the first operand
      }
      if (code || program_->valued.find(text[i]) != std::string_view::npos) {
        has_code_ = has_code_ || code || (text[i] == 'm' && program_->kind == Kind::last_code);
        if (i + 1 < text.size() && !shell) {
          return std::nullopt;  // the value stands in the same word
        }
        auto found = words.empty() ? std::nullopt : value(words, code);
        ended_ = ended_ || (has_code_ && program_->kind == Kind::last_code);
        return found;
      }
    }
    return std::nullopt;
  }

  std::optional<Error> value(Words& words, bool code) {
    const CommandWord word = words[0];
    words = words.subspan(1);
    has_code_ = has_code_ || code;
    return code && word.data ? becomes_code(word.text, name_) : std::nullopt;
  }

  /// Checks the words after the options of a program that runs scripts.
  std::optional<Error> operand(Words words) {
    const bool bare = words.empty() || (words[0].text == "-" && program_->kind != Kind::filter);
    if (program_->kind == Kind::shell && has_code_) {
      if (words.empty()) {
        return appends_ ? reads_script() : std::nullopt;
      }
      return words[0].data ? becomes_code(words[0].text, name_) : in_script(words);
    }
    if (has_code_) {
      // Most interpreters look for options even after their code.
      const bool open = program_->kind == Kind::interpreter && !ended_ && !words.empty() && words[0].data;
      return open ? becomes_option(words[0].text, name_,
                                   name_ == "Rscript" ? ": write a word of your own before it" : ": write -- before it")
                  : std::nullopt;
    }
    if (bare || from_stdin_) {
      return program_->kind == Kind::filter ? std::nullopt : reads_script();
    }
    return words[0].data ? becomes_code(words[0].text, name_) : std::nullopt;
  }

  std::optional<Error> reads_script() const {
    if (!reads_) {
      return std::nullopt;
    }
    return refuse(std::string(name_) + " would run the message on its standard input as a script");
  }

  /// Checks a script and the words after it: $0, $1, ….
  std::optional<Error> in_script(Words words) const {
    if (auto found = evaluates(words)) {
      return found;
    }
    for (const std::string_view name : values_as_commands(words[0].text)) {
      // $0 is the second word; $@ begins with the third.
      const std::size_t digit = name.find_first_of("0123456789");
      const std::size_t at = digit == std::string_view::npos ? 2 : static_cast<std::size_t>(name[digit] - '0') + 1;
      const bool field = name.find("WEIR_FIELD_") != std::string_view::npos;
      if (field || (at < words.size() ? words[at].data : appends_)) {
        return refuse("'" + std::string(name) + "' in the script would let a message name the command");
      }
    }
    return std::nullopt;
  }

  /// Whether the script applies `eval` to a value.
  static std::optional<Error> evaluates(Words words) {
    const std::string_view script = words[0].text;
    const bool has_data = std::any_of(words.begin(), words.end(), [](const CommandWord& word) { return word.data; });
    for (std::size_t at = script.find("eval "); at != std::string_view::npos; at = script.find("eval ", at + 1)) {
      const bool starts = at == 0 || std::string_view(" ;&|({\n\t").find(script[at - 1]) != std::string_view::npos;
      const std::string_view of = script.substr(at, script.find_first_of(";&|\n", at) - at);
      const bool fields =
          of.find("$WEIR_FIELD_") != std::string_view::npos || of.find("${WEIR_FIELD_") != std::string_view::npos;
      bool arguments = false;
      for (std::size_t sign = of.find('$'); sign < of.size() - 1; sign = of.find('$', sign + 1)) {
        const char next = of[sign + 1] == '{' && sign + 2 < of.size() ? of[sign + 2] : of[sign + 1];
        arguments = arguments || next == '@' || next == '*' || (next >= '1' && next <= '9');
      }
      if (starts && (fields || (arguments && has_data))) {
        return becomes_code(of, "eval");
      }
    }
    return std::nullopt;
  }

  std::optional<Error> joined(Words words) {
    const auto data = std::find_if(words.begin(), words.end(), [](const CommandWord& word) { return word.data; });
    if (data != words.end()) {
      return refuse("'" + std::string(data->text) + "' would let a message run as a shell script: " +
                        std::string(name_) + " makes a line for a shell of its arguments",
                    own_braces_hint(data->text));
    }
    if (words.empty()) {
      return std::nullopt;
    }
    if (name_ == "ssh" || name_ == "rsh") {
      words = words.subspan(1);
      return words.empty() ? reads_script() : command(words);
    }
    return name_ == "parallel" ? reads_script() : command(words);
  }

  /// `find … -exec COMMAND`.
  std::optional<Error> after_exec(Words words) {
    if (name_ != "find") {
      return std::nullopt;
    }
    for (std::size_t i = 0; i < words.size(); ++i) {
      const std::string_view text = words[i].text;
      if (text == "-exec" || text == "-execdir" || text == "-ok" || text == "-okdir") {
        return command(words.subspan(i + 1));
      }
    }
    return std::nullopt;
  }

  bool reads_;
  bool appends_ = false;  ///< under xargs: standard input is turned into further words
  std::string_view name_;
  const Program* program_ = nullptr;
  bool has_code_ = false;    ///< an option has given the script, or the next word is it
  bool from_stdin_ = false;  ///< an option says that the script comes from standard input
  bool ended_ = false;       ///< no more options can follow
};

}  // namespace

std::optional<Error> find_script(Words words, bool reads_message) {
  return Search(reads_message).command(words);
}

}  // namespace weir::worker
