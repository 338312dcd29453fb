// The texts of the scripts. The build assembles them from the .lua files in this folder.
#pragma once

namespace weir::redis {

extern const char* const kScriptText;         ///< see script.h
extern const char* const kReadScript;         ///< see script.h: for one XREADGROUP
extern const char* const kLookScript;         ///< delayed messages: appends due ones, and tells when the next is due
extern const char* const kChangeScript;       ///< delayed messages: everything else
extern const char* const kDelayUnlessScript;  ///< delays a message unless another one with its key waits
extern const char* const kKeepScript;         ///< standing policies
extern const char* const kPauseScript;        ///< pausing groups
extern const char* const kTakeScript;         ///< taking messages under terms
extern const char* const kReceiveScript;      ///< adds entries that come from another store
extern const char* const kUniqueScript;       ///< XADD of a message unless another one with its key waits

}  // namespace weir::redis
