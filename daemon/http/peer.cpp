#include "daemon/http/peer.hpp"

#include <vector>

#include <Poco/Exception.h>
#include <Poco/Net/Context.h>
#include <Poco/Net/DNS.h>
#include <Poco/Net/SSLManager.h>
#include <Poco/Net/SecureStreamSocket.h>
#include <Poco/Net/StreamSocket.h>
#include <Poco/Net/X509Certificate.h>

namespace assembly_sync::http {
namespace {

std::vector<Poco::Net::IPAddress> addresses_of(const std::string& host) {
  Poco::Net::IPAddress literal;
  if (Poco::Net::IPAddress::tryParse(host, literal)) return {literal};
  return Poco::Net::DNS::hostByName(host).addresses();
}

/// The first address that answers; throws the last one's failure.
Poco::Net::StreamSocket connect(const std::vector<Poco::Net::IPAddress>& addresses,
                                std::uint16_t port, const Poco::Timespan& timeout) {
  for (std::size_t i = 0;; ++i) {
    try {
      Poco::Net::StreamSocket socket;
      socket.connect({addresses.at(i), port}, timeout);
      return socket;
    } catch (const Poco::Exception&) {
      if (i + 1 >= addresses.size()) throw;
    }
  }
}

std::int64_t certificate_end(Poco::Net::StreamSocket& socket, const std::string& host) {
  const Poco::Net::Context::Ptr context = new Poco::Net::Context(
      Poco::Net::Context::TLS_CLIENT_USE, "", "", "", Poco::Net::Context::VERIFY_NONE, 9, false);
  auto secure = Poco::Net::SecureStreamSocket::attach(socket, host, context);
  return secure.peerCertificate().expiresOn().timestamp().epochMicroseconds() / 1000;
}

}  // namespace

Peer look_at_peer(const std::string& host, std::uint16_t port, bool tls,
                  std::chrono::milliseconds timeout) {
  Peer peer;
  const Poco::Timespan span(timeout.count() * 1000);
  try {
    if (tls) Poco::Net::initializeSSL();
    const auto addresses = addresses_of(host);
    if (addresses.empty()) throw Poco::NotFoundException("the name has no address");
    peer.resolved = true;
    Poco::Net::StreamSocket socket = connect(addresses, port, span);
    peer.connected = true;
    peer.address = socket.peerAddress().host().toString();
    socket.setReceiveTimeout(span);
    socket.setSendTimeout(span);
    if (tls) peer.certificate_ends_ms = certificate_end(socket, host);
  } catch (const Poco::Exception& error) {
    peer.problem = error.displayText();
  }
  return peer;
}

}  // namespace assembly_sync::http
