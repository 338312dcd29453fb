#include "server/other_types.h"

#include <array>

#include "text/words.h"

namespace weir::server {
namespace {

/// The commands of one kind, in small letters, with a space before and after each.
struct Kind {
  std::string_view has;
  std::string_view commands;
};
constexpr std::array kKinds = {
    Kind{"strings",
         " append bitcount bitfield bitfield_ro bitop bitpos decr decrby get getbit getdel getex getrange getset incr "
         "incrby incrbyfloat lcs mget mset msetnx psetex set setbit setex setnx setrange strlen substr "},
    Kind{
        "lists",
        " blmove blmpop blpop brpop brpoplpush lindex linsert llen lmove lmpop lpop lpos lpush lpushx lrange lrem lset "
        "ltrim rpop rpoplpush rpush rpushx "},
    Kind{"hashes",
         " hdel hexists hget hgetall hincrby hincrbyfloat hkeys hlen hmget hmset hrandfield hscan hset hsetnx hstrlen "
         "hvals "},
    Kind{"sets",
         " sadd scard sdiff sdiffstore sinter sintercard sinterstore sismember smembers smismember smove spop "
         "srandmember srem sscan sunion sunionstore "},
    Kind{"sorted sets",
         " bzmpop bzpopmax bzpopmin geoadd geodist geohash geopos georadius geosearch geosearchstore zadd zcard zcount "
         "zdiff zdiffstore zincrby zinter zintercard zinterstore zlexcount zmpop zmscore zpopmax zpopmin zrandmember "
         "zrange zrangebylex zrangebyscore zrangestore zrank zrem zremrangebylex zremrangebyrank zremrangebyscore "
         "zrevrange zrevrangebylex zrevrangebyscore zrevrank zscan zscore zunion zunionstore "},
    Kind{"HyperLogLogs", " pfadd pfcount pfmerge "},
    Kind{"messages that are not kept",
         " psubscribe publish pubsub punsubscribe spublish ssubscribe subscribe "
         "sunsubscribe unsubscribe "},
    Kind{"scripts", " eval eval_ro evalsha evalsha_ro fcall fcall_ro function script "},
    Kind{"times to live", " expire expireat pexpire pexpireat "},
    Kind{"replicas", " failover psync replconf replicaof role slaveof sync wait waitaof "},
    Kind{"snapshots", " bgrewriteaof bgsave lastsave save shutdown "},
    Kind{"users", " acl "},
    Kind{"modules", " module "},
    Kind{"keys of several types", " copy dump migrate move object randomkey renamenx restore sort sort_ro swapdb "},
    Kind{"clusters", " asking cluster readonly readwrite "},
};

}  // namespace

std::string kind_of_server(std::string_view command) {
  const std::string name = " " + lower(command) + " ";
  for (const Kind& kind : kKinds) {
    if (command.find(' ') == std::string_view::npos && kind.commands.find(name) != std::string_view::npos) {
      return "(weir serve has streams only: a Redis or Valkey server has " + std::string(kind.has) + ")";
    }
  }
  return {};
}

}  // namespace weir::server
