#include "redis/wire/tls.h"

#ifdef WEIR_HIREDIS_SSL

#include <hiredis/hiredis.h>
#include <hiredis/hiredis_ssl.h>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>
#include <pthread.h>

#include <csignal>
#include <memory>

namespace weir::redis {
namespace {

/// OpenSSL writes without MSG_NOSIGNAL, so a SIGPIPE that this thread causes is taken back.
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

using SslContext = std::unique_ptr<SSL_CTX, void (*)(SSL_CTX*)>;
using Ssl = std::unique_ptr<SSL, void (*)(SSL*)>;

std::string openssl_reason() {
  const char* reason = ERR_reason_error_string(ERR_peek_last_error());
  return reason == nullptr ? "it cannot be read" : reason;
}

tl::unexpected<Error> unusable(const std::string& what, const std::string& file) {
  return fail(Failure::store, "TLS cannot be set up: " + what + " " + file + ": " + openssl_reason());
}

Result<SslContext> context_for(const Endpoint& endpoint) {
  ERR_clear_error();
  SslContext context(SSL_CTX_new(TLS_client_method()), SSL_CTX_free);
  if (!context) {
    return fail(Failure::store, "TLS cannot be set up: " + openssl_reason());
  }
  SSL_CTX_set_min_proto_version(context.get(), TLS1_2_VERSION);
  SSL_CTX_set_verify(context.get(), SSL_VERIFY_PEER, nullptr);
  // Without a CA file of its own, the endpoint is checked with the system's.
  if (endpoint.ca_file.empty()) {
    SSL_CTX_set_default_verify_paths(context.get());
  } else if (SSL_CTX_load_verify_locations(context.get(), endpoint.ca_file.c_str(), nullptr) != 1) {
    return unusable("the authority in", endpoint.ca_file);
  }
  const std::string& certificate = endpoint.certificate_file;
  if (!certificate.empty() && SSL_CTX_use_certificate_chain_file(context.get(), certificate.c_str()) != 1) {
    return unusable("the certificate in", certificate);
  }
  const std::string& key = endpoint.key_file.empty() ? certificate : endpoint.key_file;
  if (!key.empty() && SSL_CTX_use_PrivateKey_file(context.get(), key.c_str(), SSL_FILETYPE_PEM) != 1) {
    return unusable("the key in", key);
  }
  return context;
}

/// The certificate has to be for this name or this address. False: no memory.
bool expect_host(SSL* ssl, const std::string& host) {
  X509_VERIFY_PARAM* wanted = SSL_get0_param(ssl);
  if (X509_VERIFY_PARAM_set1_ip_asc(wanted, host.c_str()) == 1) {
    return true;
  }
  // SSL_set_tlsext_host_name is this call, with a cast that warns.
  X509_VERIFY_PARAM_set_hostflags(wanted, X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS);
  return X509_VERIFY_PARAM_set1_host(wanted, host.c_str(), host.size()) == 1 &&
         SSL_ctrl(ssl, SSL_CTRL_SET_TLSEXT_HOSTNAME, TLSEXT_NAMETYPE_host_name, const_cast<char*>(host.c_str())) == 1;
}

std::string why_refused(SSL* ssl, const Endpoint& endpoint, const redisContext* context) {
  switch (const long result = SSL_get_verify_result(ssl)) {
    case X509_V_OK:
      return context->errstr;
    case X509_V_ERR_HOSTNAME_MISMATCH:
    case X509_V_ERR_IP_ADDRESS_MISMATCH:
      return "its certificate is not for " + endpoint.host;
    case X509_V_ERR_CERT_HAS_EXPIRED:
      return "its certificate has expired";
    default:
      return std::string("its certificate is not to be trusted: ") + X509_verify_cert_error_string(result);
  }
}

}  // namespace

Result<void> tls_is_available() {
  return {};
}

Result<void> start_tls(redisContext* context, const Endpoint& endpoint) {
  const NoSigpipe guard;
  WEIR_ASSIGN(const SslContext tls, context_for(endpoint));
  Ssl ssl(SSL_new(tls.get()), SSL_free);
  if (!ssl || !expect_host(ssl.get(), endpoint.host)) {
    return fail(Failure::store, "TLS cannot be set up: " + openssl_reason());
  }
  // Messages that the server sends unasked (tickets of TLS 1.3) must not make a read wait for data that may never come.
  SSL_clear_mode(ssl.get(), SSL_MODE_AUTO_RETRY);
  if (redisInitiateSSL(context, ssl.get()) != REDIS_OK) {
    return fail(Failure::store,
                "TLS with " + endpoint.name() + " failed: " + why_refused(ssl.get(), endpoint, context));
  }
  static_cast<void>(ssl.release());  // the context owns it now
  return {};
}

int read_tls(redisContext* context) {
  const NoSigpipe guard;  // because TLS may have to send something
  // With a blocking context, OpenSSL treats a read without data as an error.
  const int flags = context->flags;
  context->flags &= ~REDIS_BLOCK;
  const int status = redisBufferRead(context);
  context->flags = flags;
  return status;
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

int read_tls(redisContext* /*context*/) {
  return -1;
}

std::optional<std::string> write_tls(redisContext* /*context*/, std::string_view /*wire*/) {
  return "no TLS";
}

}  // namespace weir::redis

#endif
