// The keys that a user presses.
#pragma once

#include <cstdint>

namespace weir::top {

struct Key {
  enum class Name {
    character,
    up,
    down,
    left,
    right,
    page_up,
    page_down,
    home,
    end,
    enter,
    escape,
    backspace,
    tab,
    back_tab,
    other,
  };
  Name name = Name::other;
  char32_t character = 0;
};

}  // namespace weir::top
