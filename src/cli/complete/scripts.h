// The completion scripts of the shells. The build takes them from completions/.
#pragma once

namespace weir::cli {

extern const char* const kBashCompletion;
extern const char* const kFishCompletion;
extern const char* const kZshCompletion;

}  // namespace weir::cli
