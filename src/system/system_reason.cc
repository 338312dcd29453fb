#include "system/system_reason.h"

#include <array>
#include <cerrno>
#include <cstring>

namespace weir {
namespace {

// There are two kinds of strerror_r: GNU's returns the text, which may lie outside of the buffer; the POSIX one fills
// the buffer.
[[maybe_unused]] std::string text_of(const char* returned, const char* /*buffer*/) {
  return returned;
}
[[maybe_unused]] std::string text_of(int failed, const char* buffer) {
  return failed == 0 ? buffer : "unknown error";
}

/// Uses strerror_r, since strerror is not safe with threads.
std::string text_of_system(int code) {
  std::array<char, 256> buffer{};
  return text_of(strerror_r(code, buffer.data(), buffer.size()), buffer.data());
}

}  // namespace

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
      return text_of_system(code);
  }
}

}  // namespace weir
