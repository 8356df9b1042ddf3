// A peer that writes and reads bytes as it likes, for testing what no well-behaved library sends.
#pragma once

#include <array>
#include <cstdint>
#include <cstdlib>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include "daemon/http/fd.hpp"

namespace assembly_sync::test {

inline sockaddr_in loopback(std::uint16_t port) {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(port);
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  return address;
}

class RawSocket {
 public:
  /// Connects to 127.0.0.1. Throws when it can't.
  explicit RawSocket(std::uint16_t port) : fd_(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
    sockaddr_in address = loopback(port);
    if (::connect(fd_.get(), reinterpret_cast<sockaddr*>(&address), sizeof address) != 0) {
      throw std::runtime_error("can't connect");
    }
  }
  explicit RawSocket(http::Fd fd) : fd_(std::move(fd)) {}

  /// False when the peer has hung up.
  bool write(std::string_view bytes) const {
    while (!bytes.empty()) {
      const auto sent = ::send(fd_.get(), bytes.data(), bytes.size(), MSG_NOSIGNAL);
      if (sent < 0) return false;
      bytes.remove_prefix(static_cast<std::size_t>(sent));
    }
    return true;
  }
  void end_writing() const { ::shutdown(fd_.get(), SHUT_WR); }
  void close() { fd_.reset(); }
  int fd() const { return fd_.get(); }

  /// Until `mark` has been read or the peer ends.
  std::string read_until(std::string_view mark) {
    std::size_t end = pending_.find(mark);
    while (end == std::string::npos && fill()) end = pending_.find(mark);
    return take(end == std::string::npos ? pending_.size() : end + mark.size());
  }
  /// Until `count` bytes are there or the peer ends.
  std::string read_bytes(std::size_t count) {
    while (pending_.size() < count && fill()) continue;
    return take(std::min(count, pending_.size()));
  }
  std::string read_to_end() {
    while (fill()) continue;
    return take(pending_.size());
  }
  /// One answer: its head and, by its Content-Length, its body. Less when the peer ends before.
  std::string read_answer() {
    std::string answer = read_until("\r\n\r\n");
    const std::size_t length = answer.find("Content-Length: ");
    if (length == std::string::npos) return answer;
    return answer + read_bytes(std::strtoull(answer.c_str() + length + 16, nullptr, 10));
  }
  /// Whether the peer has ended, with nothing more to read. Waits for either.
  bool at_end() { return pending_.empty() && !fill(); }

 private:
  bool fill() {
    std::array<char, 65536> buffer;
    const auto got = ::recv(fd_.get(), buffer.data(), buffer.size(), 0);
    if (got <= 0) return false;
    pending_.append(buffer.data(), static_cast<std::size_t>(got));
    return true;
  }
  std::string take(std::size_t count) {
    std::string taken = pending_.substr(0, count);
    pending_.erase(0, count);
    return taken;
  }

  http::Fd fd_;
  std::string pending_;
};

/// Listens on 127.0.0.1 and hands out what connects.
class RawListener {
 public:
  RawListener() : fd_(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
    sockaddr_in address = loopback(0);
    socklen_t size = sizeof address;
    auto* const generic = reinterpret_cast<sockaddr*>(&address);
    if (::bind(fd_.get(), generic, size) != 0 || ::listen(fd_.get(), 16) != 0 ||
        ::getsockname(fd_.get(), generic, &size) != 0) {
      throw std::runtime_error("can't listen");
    }
    port_ = ntohs(address.sin_port);
  }
  std::uint16_t port() const { return port_; }
  int fd() const { return fd_.get(); }
  std::string url() const { return "http://127.0.0.1:" + std::to_string(port_); }
  RawSocket accept() const {
    return RawSocket(http::Fd(::accept4(fd_.get(), nullptr, nullptr, SOCK_CLOEXEC)));
  }
  /// Refuses from now on.
  void close() { fd_.reset(); }

 private:
  http::Fd fd_;
  std::uint16_t port_ = 0;
};

/// The number in `HTTP/1.1 NUMBER …`, 0 when there is none.
inline int status_of(std::string_view answer) {
  if (answer.substr(0, 9) != "HTTP/1.1 ") return 0;
  return static_cast<int>(std::strtol(std::string(answer.substr(9, 3)).c_str(), nullptr, 10));
}

/// What follows the head.
inline std::string body_of(std::string_view answer) {
  const std::size_t end = answer.find("\r\n\r\n");
  return end == std::string_view::npos ? std::string() : std::string(answer.substr(end + 4));
}

}  // namespace assembly_sync::test
