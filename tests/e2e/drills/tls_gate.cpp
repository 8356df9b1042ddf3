#include "tests/e2e/drills/tls_gate.hpp"

#include <array>
#include <atomic>
#include <mutex>
#include <thread>
#include <vector>

#include <poll.h>

#include "tests/unit/daemon/http/tls_peer.hpp"

namespace assembly_sync::test {
namespace {

constexpr int kLookMs = 50;

TlsContext context_of(X509* certificate, EVP_PKEY* key) {
  TlsContext context(SSL_CTX_new(TLS_server_method()));
  require(SSL_CTX_use_certificate(context.get(), certificate) == 1, "certificate");
  require(SSL_CTX_use_PrivateKey(context.get(), key) == 1, "key");
  // What is resumed is not looked at again.
  SSL_CTX_set_session_cache_mode(context.get(), SSL_SESS_CACHE_OFF);
  SSL_CTX_set_options(context.get(), SSL_OP_NO_TICKET);
  SSL_CTX_set_num_tickets(context.get(), 0);
  return context;
}

Certificate expired_certificate(EVP_PKEY* key) {
  Certificate certificate = make_certificate(key, "localhost");
  // Certificates of one name would be taken for one another.
  X509_NAME* const name = X509_get_subject_name(certificate.get());
  X509_NAME_add_entry_by_txt(name, "OU", MBSTRING_ASC,
                             reinterpret_cast<const unsigned char*>("expired"), -1, -1, 0);
  X509_set_issuer_name(certificate.get(), name);
  X509_gmtime_adj(X509_getm_notBefore(certificate.get()), -7200);
  X509_gmtime_adj(X509_getm_notAfter(certificate.get()), -3600);
  require(X509_sign(certificate.get(), key, EVP_sha256()) > 0, "sign");
  return certificate;
}

}  // namespace

struct TlsGate::Impl {
  explicit Impl(std::uint16_t target)
      : target_port(target),
        good(make_certificate(good_key.get(), "localhost")),
        expired(expired_certificate(expired_key.get())),
        good_context(context_of(good.get(), good_key.get())),
        expired_context(context_of(expired.get(), expired_key.get())),
        door([this](const std::stop_token& stop) { open_door(stop); }) {}

  ~Impl() {
    door.request_stop();
    door.join();
    for (std::jthread& thread : sessions) thread.request_stop();
  }

  void open_door(const std::stop_token& stop) {
    while (!stop.stop_requested()) {
      pollfd ready{listener_fd(), POLLIN, 0};
      if (poll(&ready, 1, kLookMs) <= 0) continue;
      sessions.emplace_back([this, peer = std::make_shared<RawSocket>(listener.accept())](
                                const std::stop_token& session) { pass(*peer, session); });
    }
  }

  int listener_fd() const { return listener.fd(); }

  void pass(const RawSocket& peer, const std::stop_token& stop) const {
    const TlsSession tls(SSL_new((is_expired ? expired_context : good_context).get()));
    SSL_set_fd(tls.get(), peer.fd());
    if (SSL_accept(tls.get()) != 1) return;
    const RawSocket target(target_port);
    std::array<char, 16384> bytes;
    while (!stop.stop_requested()) {
      std::array<pollfd, 2> ready = {{{peer.fd(), POLLIN, 0}, {target.fd(), POLLIN, 0}}};
      if (SSL_pending(tls.get()) == 0 && poll(ready.data(), ready.size(), kLookMs) <= 0) continue;
      if (SSL_pending(tls.get()) > 0 || ready[0].revents != 0) {
        const int got = SSL_read(tls.get(), bytes.data(), static_cast<int>(bytes.size()));
        if (got <= 0) return;
        target.write({bytes.data(), static_cast<std::size_t>(got)});
      }
      if (ready[1].revents != 0) {
        const auto got = recv(target.fd(), bytes.data(), bytes.size(), 0);
        if (got <= 0 || SSL_write(tls.get(), bytes.data(), static_cast<int>(got)) <= 0) return;
      }
    }
  }

  const std::uint16_t target_port;
  const RawListener listener;
  const Key good_key{EVP_EC_gen("P-256")};
  const Key expired_key{EVP_EC_gen("P-256")};
  const Certificate good;
  const Certificate expired;
  const TlsContext good_context;
  const TlsContext expired_context;
  std::atomic<bool> is_expired{false};
  std::vector<std::jthread> sessions;  // of the door's thread until it ended
  std::jthread door;
};

TlsGate::TlsGate(std::uint16_t target_port) : impl_(std::make_unique<Impl>(target_port)) {}
TlsGate::~TlsGate() = default;

std::string TlsGate::url() const {
  return "https://localhost:" + std::to_string(impl_->listener.port());
}

void TlsGate::set_expired(bool expired) {
  impl_->is_expired = expired;
}

void TlsGate::write_certificates(const std::filesystem::path& file) const {
  BIO* const out = BIO_new_file(file.c_str(), "w");
  require(out != nullptr, "file");
  for (X509* certificate : {impl_->good.get(), impl_->expired.get()}) {
    require(PEM_write_bio_X509(out, certificate) == 1, "write");
  }
  BIO_free(out);
}

}  // namespace assembly_sync::test
