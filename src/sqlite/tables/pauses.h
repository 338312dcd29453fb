// Groups that are given nothing for a while: weir_groups.paused_ms says until when.
#pragma once

#include <optional>

#include "sqlite/tables/rows.h"

namespace weir::sqlite {

/// The pause that is left; nothing: the pause is over.
std::optional<Pause> pause_until(UnixMs until, UnixMs now);

}  // namespace weir::sqlite
