#include "stream/store.h"

namespace weir {

Result<Reply> Store::execute(const Request& request) {
  return std::visit(
      [this](const auto& r) -> Result<Reply> {
        auto reply = run(r);
        if (!reply) {
          return tl::unexpected<Error>(std::move(reply).error());
        }
        return Reply(std::move(*reply));
      },
      request);
}

}  // namespace weir
