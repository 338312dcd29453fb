// A child process with pipes to its input and from its output.
#pragma once

#include <fcntl.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <string>

struct Process {
  pid_t pid = -1;
  std::FILE* in = nullptr;   ///< the child's input
  std::FILE* out = nullptr;  ///< the child's output
};

inline Process spawn(char* const* command) {
  int to[2];
  int from[2];
  if (pipe2(to, O_CLOEXEC) != 0 || pipe2(from, O_CLOEXEC) != 0) {
    std::perror("pipe");
    std::exit(1);
  }
  const pid_t pid = fork();
  if (pid == 0) {
    dup2(to[0], 0);
    dup2(from[1], 1);
    execvp(command[0], command);
    std::perror(command[0]);
    _exit(127);
  }
  close(to[0]);
  close(from[1]);
  return {pid, fdopen(to[1], "w"), fdopen(from[0], "r")};
}

/// Runs `weir --db DATABASE COMMAND STREAM OPTION`.
inline Process spawn_weir(char* weir, char* database, const char* command, const char* stream, const char* option) {
  char* const line[] = {weir,
                        const_cast<char*>("--db"),
                        database,
                        const_cast<char*>(command),
                        const_cast<char*>(stream),
                        const_cast<char*>(option),
                        nullptr};
  return spawn(line);
}

inline bool read_line(const Process& process) {
  char line[4096];
  return std::fgets(line, sizeof line, process.out) != nullptr;
}
