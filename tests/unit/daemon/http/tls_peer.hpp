// A TLS server for one name, with a certificate made on the spot that vouches for itself.
#pragma once

#include <atomic>
#include <filesystem>
#include <memory>
#include <stdexcept>
#include <string>
#include <thread>

#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>

#include "tests/unit/daemon/http/raw_socket.hpp"

namespace assembly_sync::test {

template <class T, void (*Free)(T*)>
struct Freed {
  void operator()(T* object) const { Free(object); }
};
using Key = std::unique_ptr<EVP_PKEY, Freed<EVP_PKEY, EVP_PKEY_free>>;
using Certificate = std::unique_ptr<X509, Freed<X509, X509_free>>;
using TlsContext = std::unique_ptr<SSL_CTX, Freed<SSL_CTX, SSL_CTX_free>>;
using TlsSession = std::unique_ptr<SSL, Freed<SSL, SSL_free>>;

inline void require(bool done, const char* what) {
  if (!done) throw std::runtime_error(what);
}

inline void add_extension(X509* certificate, int nid, const char* value) {
  X509V3_CTX context;
  X509V3_set_ctx_nodb(&context);
  X509V3_set_ctx(&context, certificate, certificate, nullptr, nullptr, 0);
  X509_EXTENSION* const extension = X509V3_EXT_conf_nid(nullptr, &context, nid, value);
  require(extension != nullptr && X509_add_ext(certificate, extension, -1) == 1, "extension");
  X509_EXTENSION_free(extension);
}

/// Valid from an hour ago for a day.
inline Certificate make_certificate(EVP_PKEY* key, const std::string& host) {
  Certificate certificate(X509_new());
  X509_set_version(certificate.get(), 2);
  ASN1_INTEGER_set(X509_get_serialNumber(certificate.get()), 1);
  X509_gmtime_adj(X509_getm_notBefore(certificate.get()), -3600);
  X509_gmtime_adj(X509_getm_notAfter(certificate.get()), 86'400);
  X509_set_pubkey(certificate.get(), key);
  X509_NAME* const name = X509_get_subject_name(certificate.get());
  X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_ASC,
                             reinterpret_cast<const unsigned char*>("test"), -1, -1, 0);
  X509_set_issuer_name(certificate.get(), name);
  add_extension(certificate.get(), NID_basic_constraints, "critical,CA:TRUE");
  add_extension(certificate.get(), NID_subject_alt_name, ("DNS:" + host).c_str());
  require(X509_sign(certificate.get(), key, EVP_sha256()) > 0, "sign");
  return certificate;
}

/// Answers each request on each connection with 200, and with the name the client asked for (SNI).
class TlsPeer {
 public:
  explicit TlsPeer(const std::string& host)
      : key_(EVP_EC_gen("P-256")),
        certificate_(make_certificate(key_.get(), host)),
        context_(SSL_CTX_new(TLS_server_method())) {
    require(SSL_CTX_use_certificate(context_.get(), certificate_.get()) == 1, "certificate");
    require(SSL_CTX_use_PrivateKey(context_.get(), key_.get()) == 1, "key");
    thread_ = std::thread([this] { serve(); });
  }
  ~TlsPeer() {
    stopping_ = true;
    RawSocket wake(listener_.port());
    thread_.join();
  }
  std::uint16_t port() const { return listener_.port(); }
  int handshakes() const { return handshakes_; }
  int requests() const { return requests_; }

  void write_certificate(const std::filesystem::path& file) const {
    BIO* const out = BIO_new_file(file.c_str(), "w");
    require(out != nullptr && PEM_write_bio_X509(out, certificate_.get()) == 1, "write");
    BIO_free(out);
  }

 private:
  void serve() {
    while (true) {
      const RawSocket peer = listener_.accept();
      if (stopping_) return;
      const TlsSession session(SSL_new(context_.get()));
      SSL_set_fd(session.get(), peer.fd());
      if (SSL_accept(session.get()) != 1) continue;
      ++handshakes_;
      while (answer(session.get())) continue;
    }
  }

  bool answer(SSL* session) {
    std::string request;
    char byte = 0;
    while (request.find("\r\n\r\n") == std::string::npos) {
      if (SSL_read(session, &byte, 1) != 1) return false;
      request += byte;
    }
    ++requests_;
    const char* const name = SSL_get_servername(session, TLSEXT_NAMETYPE_host_name);
    const std::string body = name == nullptr ? "" : name;
    const std::string bytes =
        "HTTP/1.1 200 OK\r\nContent-Length: " + std::to_string(body.size()) + "\r\n\r\n" + body;
    return SSL_write(session, bytes.data(), static_cast<int>(bytes.size())) > 0;
  }

  RawListener listener_;
  Key key_;
  Certificate certificate_;
  TlsContext context_;
  std::atomic<bool> stopping_{false};
  std::atomic<int> handshakes_{0};
  std::atomic<int> requests_{0};
  std::thread thread_;
};

}  // namespace assembly_sync::test
