// Limits the size of a reply, whatever a server announces.
#pragma once

#include <hiredis/hiredis.h>

#include <cstddef>
#include <memory>
#include <optional>
#include <string>

namespace weir::redis {

/// hiredis allocates an array as soon as its length is announced, keeps a line until its end comes, and since 1.0
/// accepts arrays in arrays without limit. This object, put on a context, refuses replies that cannot answer any
/// command of weir. The object must live as long as the context.
class ReplyBounds {
 public:
  static std::shared_ptr<ReplyBounds> put_on(redisContext& context);

  /// A reply is complete, so the next one may be as large again.
  void begin_reply() { elements_ = 0; }
  /// Why the bytes so far cannot become a reply; nothing: they may.
  std::optional<std::string> broken(const redisReader& reader) const;

 private:
  using MakeArray = decltype(redisReplyObjectFunctions::createArray);
  template <typename Size>
  static void* make_array(const redisReadTask* task, Size size);

  redisReplyObjectFunctions functions_{};
  MakeArray make_array_ = nullptr;
  std::size_t elements_ = 0;  ///< elements announced in this reply
  bool too_deep_ = false;
};

}  // namespace weir::redis
