#include "doctor/shells.h"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cstdlib>
#include <fstream>
#include <string>
#include <vector>

namespace weir::doctor {
namespace {

constexpr std::string_view kCompletion = "completion";

using Paths = std::vector<std::string>;

std::string variable(const char* name, std::string otherwise) {
  const char* value = std::getenv(name);
  return value == nullptr || *value == '\0' ? std::move(otherwise) : std::string(value);
}

bool is_there(const std::string& path) {
  return access(path.c_str(), R_OK) == 0;
}

/// The folders in a list such as $PATH.
Paths folders(std::string_view list) {
  Paths found;
  while (!list.empty()) {
    const std::size_t end = list.find(':');
    if (const std::string_view folder = list.substr(0, end); !folder.empty()) {
      found.emplace_back(folder);
    }
    list.remove_prefix(end == std::string_view::npos ? list.size() : end + 1);
  }
  return found;
}

bool is_installed(const std::string& shell) {
  const Paths path = folders(variable("PATH", "/usr/bin:/bin"));
  return std::any_of(path.begin(), path.end(),
                     [&](const std::string& folder) { return access((folder + "/" + shell).c_str(), X_OK) == 0; });
}

/// Whether `file`, which the shell reads when it starts, asks weir for the script.
bool is_asked_for(const std::string& file) {
  std::ifstream text(file);
  for (std::string line; std::getline(text, line);) {
    if (line.find("weir completion") != std::string::npos && line[line.find_first_not_of(" \t")] != '#') {
      return true;
    }
  }
  return false;
}

struct Shell {
  std::string name;
  std::string reads;  ///< the file that the shell reads when it starts
  Paths scripts;      ///< where the shell would find weir's script
  std::string remedy;
};

Paths below(const Paths& folders, const std::string& name) {
  Paths paths;
  for (const std::string& folder : folders) {
    paths.push_back(folder + name);
  }
  return paths;
}

std::array<Shell, 3> known_shells() {
  const std::string home = variable("HOME", "");
  const std::string config = variable("XDG_CONFIG_HOME", home + "/.config");
  Paths data{variable("XDG_DATA_HOME", home + "/.local/share")};
  for (const std::string& folder : folders(variable("XDG_DATA_DIRS", "/usr/local/share:/usr/share"))) {
    data.push_back(folder);
  }
  Paths bash = below(data, "/bash-completion/completions/weir");
  bash.insert(bash.begin(), variable("BASH_COMPLETION_USER_DIR", data[0] + "/bash-completion") + "/completions/weir");
  bash.emplace_back("/etc/bash_completion.d/weir");
  Paths fish = below(data, "/fish/vendor_completions.d/weir.fish");
  fish.push_back(config + "/fish/completions/weir.fish");
  fish.emplace_back("/etc/fish/completions/weir.fish");
  fish.emplace_back("/usr/share/fish/completions/weir.fish");
  Paths zsh = below(folders(variable("FPATH", "")), "/_weir");
  for (const char* folder : {"/usr/local/share/zsh/site-functions", "/usr/share/zsh/site-functions",
                             "/usr/share/zsh/vendor-completions", "/opt/homebrew/share/zsh/site-functions"}) {
    zsh.push_back(std::string(folder) + "/_weir");
  }
  const std::string zsh_reads = variable("ZDOTDIR", home) + "/.zshrc";
  return {Shell{"bash", home + "/.bashrc", std::move(bash), "echo 'source <(weir completion bash)' >> ~/.bashrc"},
          Shell{"zsh", zsh_reads, std::move(zsh), "put source <(weir completion zsh) after compinit in ~/.zshrc"},
          Shell{"fish", config + "/fish/config.fish", std::move(fish),
                "mkdir -p ~/.config/fish/completions && weir completion fish > ~/.config/fish/completions/weir.fish"}};
}

}  // namespace

void check_shells(const Tell& tell) {
  for (const Shell& shell : known_shells()) {
    if (!is_installed(shell.name)) {
      continue;
    }
    const auto script = std::find_if(shell.scripts.begin(), shell.scripts.end(), is_there);
    if (is_asked_for(shell.reads)) {
      tell({State::ok, kCompletion, fmt::format("{}: {} asks for it", shell.name, shell.reads)});
    } else if (script != shell.scripts.end()) {
      tell({State::ok, kCompletion, fmt::format("{}: {}", shell.name, *script)});
    } else {
      tell({State::warning, kCompletion, shell.name + " does not complete weir's commands", shell.remedy});
    }
  }
}

}  // namespace weir::doctor
