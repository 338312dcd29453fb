#include "redis/wire/tls.h"

#ifdef WEIR_HIREDIS_SSL

#include <hiredis/hiredis.h>
#include <hiredis/hiredis_ssl.h>
#include <pthread.h>

#include <csignal>
#include <memory>

namespace weir::redis {
namespace {

/// OpenSSL writes without MSG_NOSIGNAL: a SIGPIPE of this thread's own making is taken back.
class NoSigpipe {
 public:
  NoSigpipe() {
    sigemptyset(&pipe_);
    sigaddset(&pipe_, SIGPIPE);
    was_pending_ = pending();
    pthread_sigmask(SIG_BLOCK, &pipe_, &before_);
  }
  ~NoSigpipe() {
    if (!was_pending_ && pending()) {
      int signal = 0;
      sigwait(&pipe_, &signal);
    }
    pthread_sigmask(SIG_SETMASK, &before_, nullptr);
  }
  NoSigpipe(const NoSigpipe&) = delete;
  NoSigpipe& operator=(const NoSigpipe&) = delete;

 private:
  static bool pending() {
    sigset_t signals;
    sigpending(&signals);
    return sigismember(&signals, SIGPIPE) == 1;
  }
  sigset_t pipe_{};
  sigset_t before_{};
  bool was_pending_ = false;
};

const char* or_null(const std::string& text) {
  return text.empty() ? nullptr : text.c_str();
}

}  // namespace

Result<void> tls_is_available() {
  return {};
}

Result<void> start_tls(redisContext* context, const Endpoint& endpoint) {
  redisInitOpenSSL();
  redisSSLContextError error = REDIS_SSL_CTX_NONE;
  // Without a CA file of its own the system's are used.
  const char* system_cas = endpoint.ca_file.empty() ? "/etc/ssl/certs" : nullptr;
  const std::unique_ptr<redisSSLContext, void (*)(redisSSLContext*)> tls(
      redisCreateSSLContext(or_null(endpoint.ca_file), system_cas, or_null(endpoint.certificate_file),
                            or_null(endpoint.key_file), endpoint.host.c_str(), &error),
      redisFreeSSLContext);
  if (!tls) {
    return fail(Failure::store, std::string("TLS cannot be set up: ") + redisSSLContextGetError(error));
  }
  if (redisInitiateSSLWithContext(context, tls.get()) != REDIS_OK) {
    return fail(Failure::store, "TLS with " + endpoint.name() + " failed: " + context->errstr);
  }
  return {};
}

std::optional<std::string> write_tls(redisContext* context, std::string_view wire) {
  const NoSigpipe guard;
  if (redisAppendFormattedCommand(context, wire.data(), wire.size()) != REDIS_OK) {
    return context->errstr;
  }
  for (int done = 0; done == 0;) {
    if (redisBufferWrite(context, &done) != REDIS_OK) {
      return context->errstr;
    }
  }
  return std::nullopt;
}

}  // namespace weir::redis

#else

namespace weir::redis {

Result<void> tls_is_available() {
  return fail(Failure::store, "this weir cannot speak TLS: hiredis was built without it",
              "build weir with hiredis 1.0 or newer and its TLS library (Debian 13: libhiredis-dev), or use stunnel");
}

Result<void> start_tls(redisContext* /*context*/, const Endpoint& /*endpoint*/) {
  return tls_is_available();
}

std::optional<std::string> write_tls(redisContext* /*context*/, std::string_view /*wire*/) {
  return "no TLS";
}

}  // namespace weir::redis

#endif
