#include "util/doorbell.h"

namespace weir {

Doorbell::Doorbell(int, const char*) {}

void Doorbell::clear() {}

}  // namespace weir
