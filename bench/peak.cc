// peak COMMAND…: runs the command, drops its output, and prints its peak memory in MB. The exit status is 1 if the
// command's is not 0.
#include <fcntl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdio>

int main(int, char** argv) {
  const pid_t pid = fork();
  if (pid == 0) {
    dup2(open("/dev/null", O_WRONLY), 1);
    execvp(argv[1], argv + 1);
    _exit(127);
  }
  rusage used{};
  int status = 0;
  wait4(pid, &status, 0, &used);
  std::printf("%ld\n", used.ru_maxrss / 1024);
  return status == 0 ? 0 : 1;
}
