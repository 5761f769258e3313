#ifndef CONVEYOR_TESTS_SUPPORT_KAFKA_CLUSTER_RESERVED_PORT_H_
#define CONVEYOR_TESTS_SUPPORT_KAFKA_CLUSTER_RESERVED_PORT_H_

namespace conveyor::tests {

/// A free port of 127.0.0.1, kept for a process that is started, killed and started again.
///
/// A socket stays bound to it without listening. Linux lets a server that sets SO_REUSEADDR, as Java's do, listen on
/// the port beside it, but gives it to nobody who asks for any port, and to no outgoing connection: a client that tries
/// to reach a dead server again and again would otherwise, in the end, be connected to itself.
///
/// Thread safety: immutable.
class ReservedPort {
 public:
  /// @throws std::system_error
  ReservedPort();
  ~ReservedPort();
  ReservedPort(const ReservedPort&) = delete;
  ReservedPort& operator=(const ReservedPort&) = delete;

  [[nodiscard]] int number() const noexcept { return number_; }
  /// Bound and not listening; a test may make it listen and never answer.
  [[nodiscard]] int socket() const noexcept { return socket_; }

 private:
  int socket_ = -1;
  int number_ = 0;
};

}  // namespace conveyor::tests

#endif  // CONVEYOR_TESTS_SUPPORT_KAFKA_CLUSTER_RESERVED_PORT_H_
