#include "system/folder_mark.h"

namespace weir {

bool keeps_folder_marks(const std::string&) {
  return false;
}

std::optional<FolderMark> folder_mark(const std::string&) {
  return std::nullopt;
}

}  // namespace weir
