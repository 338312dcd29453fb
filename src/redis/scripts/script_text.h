// The text of the script, which the build puts together of the .lua files beside this.
#pragma once

namespace weir::redis {

extern const char* const kScriptText;

}  // namespace weir::redis
