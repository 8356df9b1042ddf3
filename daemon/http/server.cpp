#include "daemon/http/server.hpp"

#include <stdexcept>
#include <thread>

#include <Poco/Exception.h>
#include <Poco/Net/ServerSocket.h>
#include <Poco/Net/SocketAddress.h>
#include <Poco/Net/SocketImpl.h>

#include "daemon/http/event_loop.hpp"

namespace assembly_sync::http {
namespace {

constexpr int kBacklog = 1024;

Poco::Net::ServerSocket listen_on(const std::string& address) {
  try {
    Poco::Net::ServerSocket socket;
    // Not SO_REUSEPORT: two daemons on one port would each get half of the requests.
    socket.bind(Poco::Net::SocketAddress(address), true, false);
    socket.listen(kBacklog);
    socket.setBlocking(false);
    return socket;
  } catch (const Poco::Exception& error) {
    throw std::runtime_error("can't listen on " + address + ": " + error.displayText());
  }
}

}  // namespace

class Server::Impl {
 public:
  Impl(const std::string& address, Handler handler, ServerLimits limits)
      : socket_(listen_on(address)),
        address_(socket_.address()),
        loop_(socket_.impl()->sockfd(), std::move(handler), limits) {}

  void start() {
    if (!thread_.joinable()) thread_ = std::thread([this] { loop_.run(); });
  }

  void stop(std::chrono::milliseconds grace) {
    if (thread_.joinable()) {
      loop_.request_stop(grace);
      thread_.join();
    }
    socket_.close();
  }

  const Poco::Net::SocketAddress& address() const { return address_; }
  std::size_t connections() const { return loop_.connections(); }

 private:
  Poco::Net::ServerSocket socket_;
  const Poco::Net::SocketAddress address_;
  EventLoop loop_;
  std::thread thread_;
};

const std::string* Request::parameter(std::string_view name) const {
  for (const auto& [key, value] : query) {
    if (key == name) return &value;
  }
  return nullptr;
}

Server::Server(const std::string& address, Handler handler, ServerLimits limits)
    : impl_(std::make_unique<Impl>(address, std::move(handler), limits)) {}

Server::~Server() {
  stop();
}

void Server::start() {
  impl_->start();
}

void Server::stop(std::chrono::milliseconds grace) {
  impl_->stop(grace);
}

std::uint16_t Server::port() const {
  return impl_->address().port();
}

std::string Server::url() const {
  return "http://" + impl_->address().toString();
}

std::size_t Server::connections() const {
  return impl_->connections();
}

}  // namespace assembly_sync::http
