// `weir completion`.
#include "cli/complete/scripts.h"

#include <string>

#include "cli/run/session.h"

namespace weir::cli {

namespace {

/// The file is the body of a function, as zsh loads it by name. To be run as text by a shell, the script needs the
/// function's head and a line that says which command it completes.
std::string zsh_script() {
  const std::string body(kZshCompletion);
  const std::size_t head = body.find('\n') + 1;
  return body.substr(0, head) + "_weir() {\n" + body.substr(head) +
         "}\n"
         "if [[ $funcstack[1] == _weir ]]; then _weir \"$@\"; else compdef _weir weir; fi\n";
}

}  // namespace

Result<int> run_completion(const Session& session) {
  const auto& words = session.arguments.words;
  std::string& out = session.out.text();
  if (words.size() == 1 && words[0] == "bash") {
    out += kBashCompletion;
  } else if (words.size() == 1 && words[0] == "fish") {
    out += kFishCompletion;
  } else if (words.size() == 1 && words[0] == "zsh") {
    out += zsh_script();
  } else {
    return fail(Failure::usage, "completion needs the name of a shell: bash, zsh or fish",
                "write: source <(weir completion bash)");
  }
  return 0;
}

}  // namespace weir::cli
