#include "util/system_reason.h"

#include <cerrno>
#include <cstring>

namespace weir {

std::string system_reason(int code) {
  switch (code) {
    case ENOSPC:
      return "the disk is full";
    case EDQUOT:
      return "the disk quota is used up";
    case EFBIG:
      return "the file size limit (ulimit -f) is reached";
    case EMFILE:
      return "too many files are open in this process (ulimit -n)";
    case ENFILE:
      return "too many files are open on this machine";
    case ENAMETOOLONG:
      return "the name is too long";
    case EROFS:
      return "the file system is read-only";
    default:
      return std::strerror(code);
  }
}

}  // namespace weir
