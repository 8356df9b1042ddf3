#include "daemon/telemetry/notify.hpp"

#include <cstddef>
#include <cstring>

#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

namespace assembly_sync::telemetry {

void ServiceNotifier::send(const std::string& message) const {
  sockaddr_un address{};
  if (socket_.empty() || socket_.size() >= sizeof address.sun_path) return;
  address.sun_family = AF_UNIX;
  std::memcpy(address.sun_path, socket_.data(), socket_.size());
  if (socket_.front() == '@') address.sun_path[0] = '\0';  // an abstract socket
  const int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
  if (fd < 0) return;
  // systemd not listening is no reason to fail: the service works all the same.
  const auto length = static_cast<socklen_t>(offsetof(sockaddr_un, sun_path) + socket_.size());
  sockaddr* const target = static_cast<sockaddr*>(static_cast<void*>(&address));
  [[maybe_unused]] const auto sent =
      sendto(fd, message.data(), message.size(), MSG_NOSIGNAL, target, length);
  close(fd);
}

}  // namespace assembly_sync::telemetry
