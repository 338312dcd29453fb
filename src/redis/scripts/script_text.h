// The texts of the scripts, which the build puts together of the .lua files beside this.
#pragma once

namespace weir::redis {

extern const char* const kScriptText;         ///< see script.h
extern const char* const kReadScript;         ///< see script.h: of one XREADGROUP
extern const char* const kLookScript;         ///< delayed messages: what is due, and when the next is
extern const char* const kChangeScript;       ///< delayed messages: everything else
extern const char* const kDelayUnlessScript;  ///< delaying a message of which one at a time waits
extern const char* const kKeepScript;         ///< standing policies
extern const char* const kPauseScript;        ///< pausing groups
extern const char* const kTakeScript;         ///< taking messages under terms
extern const char* const kReceiveScript;      ///< entries that come from another store
extern const char* const kUniqueScript;       ///< XADD of a message of which one at a time waits

}  // namespace weir::redis
