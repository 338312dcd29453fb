// How large a reply may be, whatever a server announces.
#pragma once

#include <hiredis/hiredis.h>

#include <cstddef>
#include <memory>
#include <optional>
#include <string>

namespace weir::redis {

/// hiredis makes room for an array as soon as its length is announced, keeps a line until its end comes, and from 1.0
/// on takes arrays within arrays without end. Put on a context, this refuses what no answer to a command of weir's can
/// be. It must live as long as the context.
class ReplyBounds {
 public:
  static std::shared_ptr<ReplyBounds> put_on(redisContext& context);

  /// A reply is complete: the next has all of its room.
  void begin_reply() { elements_ = 0; }
  /// Why that which has come so far is no reply; nothing: it may become one.
  std::optional<std::string> broken(const redisReader& reader) const;

 private:
  using MakeArray = decltype(redisReplyObjectFunctions::createArray);
  template <typename Size>
  static void* make_array(const redisReadTask* task, Size size);

  redisReplyObjectFunctions functions_{};
  MakeArray make_array_ = nullptr;
  std::size_t elements_ = 0;  ///< announced in this reply
  bool too_deep_ = false;
};

}  // namespace weir::redis
