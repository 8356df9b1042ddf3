#include "daemon/http/client_connection.hpp"

#include <algorithm>
#include <array>
#include <cerrno>
#include <limits>
#include <vector>

#include <Poco/Exception.h>
#include <Poco/Net/Context.h>
#include <Poco/Net/DNS.h>
#include <Poco/Net/NetException.h>
#include <Poco/Net/SSLException.h>
#include <Poco/Net/SSLManager.h>
#include <Poco/Net/SecureStreamSocket.h>
#include <Poco/Net/SocketAddress.h>
#include <Poco/Net/StreamSocket.h>
#include <openssl/ssl.h>
#include <openssl/x509_vfy.h>
#include <poll.h>
#include <sys/socket.h>

namespace assembly_sync::http {
namespace {

using Poco::Net::SecureStreamSocket;
using Poco::Net::SocketAddress;
using Poco::Net::StreamSocket;

/// The events that came, 0 when the time is over or the call is cut off.
short wait_for(int fd, short events, const Deadline& deadline) {
  while (true) {
    std::array<pollfd, 2> entries{pollfd{fd, events, 0}, pollfd{deadline.cut_off(), POLLIN, 0}};
    const auto left =
        std::min<std::int64_t>(deadline.left().count(), std::numeric_limits<int>::max());
    const int count = ::poll(entries.data(), entries.size(), static_cast<int>(left));
    if (count > 0) return entries[1].revents != 0 ? short{0} : entries[0].revents;
    if (count == 0) return 0;
    if (errno != EINTR) return POLLERR;
  }
}

/// Waits for what OpenSSL asked for; false when the time is over.
bool wait_for_tls(int fd, int wanted, const Deadline& deadline) {
  const short events = wanted == SecureStreamSocket::ERR_SSL_WANT_WRITE ? POLLOUT : POLLIN;
  return wait_for(fd, events, deadline) != 0;
}

std::vector<SocketAddress> resolve(const Origin& origin) {
  Poco::Net::IPAddress literal;
  if (Poco::Net::IPAddress::tryParse(origin.host, literal)) return {{literal, origin.port}};
  std::vector<SocketAddress> addresses;
  const Poco::Net::HostEntry host = Poco::Net::DNS::hostByName(origin.host);
  for (const Poco::Net::IPAddress& address : host.addresses()) {
    addresses.emplace_back(address, origin.port);
  }
  return addresses;
}

StreamSocket connect(const SocketAddress& address, const Deadline& deadline) {
  StreamSocket socket;
  // 0 would mean "without limit" to Poco.
  const auto left = std::max<std::int64_t>(deadline.left().count(), 1);
  socket.connect(address, Poco::Timespan(left * 1000));
  socket.setNoDelay(true);
  socket.setBlocking(false);
  return socket;
}

/// Why the certificate of this thread's last handshake was refused; X509_V_OK = it was not.
thread_local int refused_certificate = X509_V_OK;

int note_verification(int accepted, X509_STORE_CTX* chain) {
  if (accepted == 0) refused_certificate = X509_STORE_CTX_get_error(chain);
  return accepted;
}

/// Every address of the name in turn; the last one's failure is the one that counts.
StreamSocket connect_any(const std::vector<SocketAddress>& addresses, const Deadline& deadline) {
  for (std::size_t i = 0; i + 1 < addresses.size(); ++i) {
    try {
      return connect(addresses[i], deadline);
    } catch (const Poco::Exception&) {
      if (deadline.left().count() == 0) throw;
    }
  }
  if (addresses.empty()) throw Poco::Net::NoAddressFoundException();
  return connect(addresses.back(), deadline);
}

void shake_hands(SecureStreamSocket& socket, const Deadline& deadline) {
  refused_certificate = X509_V_OK;
  while (true) {
    const int result = socket.completeHandshake();
    if (result == 1) break;
    if (result == 0) throw Poco::Net::SSLConnectionUnexpectedlyClosedException();
    if (!wait_for_tls(socket.impl()->sockfd(), result, deadline)) throw Poco::TimeoutException();
  }
  socket.verifyPeerCertificate();
}

std::string reason_of(const Poco::Exception& error) {
  if (dynamic_cast<const Poco::TimeoutException*>(&error) != nullptr) return "connect timed out";
  if (dynamic_cast<const Poco::Net::ConnectionRefusedException*>(&error) != nullptr) {
    return "connection refused";
  }
  if (dynamic_cast<const Poco::Net::DNSException*>(&error) != nullptr) return "name not resolved";
  if (dynamic_cast<const Poco::Net::SSLException*>(&error) != nullptr) {
    const std::string reason = "TLS handshake failed";
    if (refused_certificate == X509_V_OK) return reason;
    return reason + ": " + X509_verify_cert_error_string(refused_certificate);
  }
  return "connection failed";
}

}  // namespace

std::chrono::milliseconds Deadline::left() const {
  const auto left = std::chrono::ceil<std::chrono::milliseconds>(end_ - clock_->steady_now());
  return std::max(left, std::chrono::milliseconds{0});
}

struct TlsTrust::Impl {
  Poco::Net::Context::Ptr context;
};

TlsTrust::TlsTrust() : impl_(std::make_unique<Impl>()) {
  Poco::Net::initializeSSL();
  // STRICT: RELAXED would not compare the name for localhost.
  impl_->context = new Poco::Net::Context(Poco::Net::Context::TLS_CLIENT_USE, "",
                                          Poco::Net::Context::VERIFY_STRICT, 9, true);
  impl_->context->requireMinimumProtocol(Poco::Net::Context::PROTO_TLSV1_2);
  impl_->context->enableExtendedCertificateVerification(true);
  // As Poco's own, which asks nobody either, but it remembers why.
  SSL_CTX_set_verify(impl_->context->sslContext(), SSL_VERIFY_PEER, note_verification);
}

TlsTrust::~TlsTrust() = default;

struct ClientConnection::Socket {
  StreamSocket stream;
};

ClientConnection::ClientConnection(std::unique_ptr<Socket> socket, bool tls)
    : socket_(std::move(socket)), tls_(tls) {}

ClientConnection::~ClientConnection() = default;

int ClientConnection::fd() const {
  return socket_->stream.impl()->sockfd();
}

tl::expected<std::unique_ptr<ClientConnection>, std::string> ClientConnection::open(
    const Origin& origin, const TlsTrust& trust, const Deadline& deadline) {
  try {
    auto socket = std::make_unique<Socket>();
    socket->stream = connect_any(resolve(origin), deadline);
    if (origin.tls) {
      // On a socket that does not block, attach() leaves the handshake to us and our deadline.
      SecureStreamSocket secure =
          SecureStreamSocket::attach(socket->stream, origin.host, trust.impl_->context);
      shake_hands(secure, deadline);
      socket->stream = secure;
    }
    return std::unique_ptr<ClientConnection>(new ClientConnection(std::move(socket), origin.tls));
  } catch (const Poco::Exception& error) {
    return tl::unexpected(reason_of(error));
  } catch (const std::exception&) {
    return tl::unexpected<std::string>("connection failed");
  }
}

bool ClientConnection::stale() const {
  pollfd entry{fd(), POLLIN | POLLRDHUP, 0};
  return ::poll(&entry, 1, 0) != 0;
}

void ClientConnection::abandon_on_close(bool yes) const {
  const linger how{yes ? 1 : 0, 0};
  ::setsockopt(fd(), SOL_SOCKET, SO_LINGER, &how, sizeof how);
}

ClientConnection::Progress ClientConnection::write(std::string_view bytes,
                                                   const Deadline& deadline) {
  if (tls_) return write_tls(bytes, deadline);
  const int socket = fd();
  while (true) {
    const short events = wait_for(socket, POLLIN | POLLOUT, deadline);
    if (events == 0) return {Io::timed_out, 0};
    if ((events & POLLIN) != 0) return {Io::ok, 0};
    const ssize_t sent = ::send(socket, bytes.data(), bytes.size(), MSG_NOSIGNAL);
    if (sent >= 0) return {Io::ok, static_cast<std::size_t>(sent)};
    if (errno != EAGAIN && errno != EWOULDBLOCK && errno != EINTR) return {Io::broken, 0};
  }
}

ClientConnection::Progress ClientConnection::read(char* into, std::size_t size,
                                                  const Deadline& deadline) {
  if (tls_) return read_tls(into, size, deadline);
  const int socket = fd();
  while (true) {
    if (wait_for(socket, POLLIN, deadline) == 0) return {Io::timed_out, 0};
    const ssize_t got = ::recv(socket, into, size, 0);
    if (got > 0) return {Io::ok, static_cast<std::size_t>(got)};
    if (got == 0) return {Io::closed, 0};
    if (errno != EAGAIN && errno != EWOULDBLOCK && errno != EINTR) return {Io::broken, 0};
  }
}

ClientConnection::Progress ClientConnection::write_tls(std::string_view bytes,
                                                       const Deadline& deadline) {
  constexpr std::size_t kRecordBytes = 16 * 1024;
  const int size = static_cast<int>(std::min(bytes.size(), kRecordBytes));
  try {
    while (true) {
      const int sent = socket_->stream.sendBytes(bytes.data(), size);
      if (sent > 0) return {Io::ok, static_cast<std::size_t>(sent)};
      if (sent == 0) return {Io::broken, 0};
      if (!wait_for_tls(fd(), sent, deadline)) return {Io::timed_out, 0};
    }
  } catch (const std::exception&) {
    return {Io::broken, 0};
  }
}

ClientConnection::Progress ClientConnection::read_tls(char* into, std::size_t size,
                                                      const Deadline& deadline) {
  try {
    while (true) {
      const int got = socket_->stream.receiveBytes(into, static_cast<int>(size));
      if (got > 0) return {Io::ok, static_cast<std::size_t>(got)};
      if (got == 0) return {Io::closed, 0};
      if (!wait_for_tls(fd(), got, deadline)) return {Io::timed_out, 0};
      // A peer that sends a byte now and then keeps the socket readable: look at the time too.
      if (deadline.left().count() == 0) return {Io::timed_out, 0};
    }
  } catch (const std::exception&) {
    return {Io::broken, 0};
  }
}

}  // namespace assembly_sync::http
