#include "support/kafka_cluster/reserved_port.h"

#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>
#include <system_error>

namespace conveyor::tests {

ReservedPort::ReservedPort() : socket_(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t length = sizeof address;
  auto* const generic = reinterpret_cast<sockaddr*>(&address);
  // Reuse is allowed only after the port was chosen, so that one nobody holds is chosen.
  const int yes = 1;
  if (socket_ < 0 || bind(socket_, generic, length) != 0 || getsockname(socket_, generic, &length) != 0 ||
      setsockopt(socket_, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes) != 0) {
    const int error = errno;
    if (socket_ >= 0) close(socket_);
    throw std::system_error(error, std::generic_category(), "cannot reserve a port of 127.0.0.1");
  }
  number_ = ntohs(address.sin_port);
}

ReservedPort::~ReservedPort() { close(socket_); }

}  // namespace conveyor::tests
