// A TLS door before a plain HTTP server on this machine, whose certificate has expired or is good,
// as one likes. Its threads end with it. set_expired() is thread-safe.
#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>

namespace assembly_sync::test {

class TlsGate {
 public:
  explicit TlsGate(std::uint16_t target_port);
  ~TlsGate();
  /// `https://localhost:PORT`
  std::string url() const;
  void set_expired(bool expired);
  /// Both certificates: whom trusts this file, trusts the door as long as it is in time.
  void write_certificates(const std::filesystem::path& file) const;

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace assembly_sync::test
