#ifndef CONVEYOR_CONTEXT_H_
#define CONVEYOR_CONTEXT_H_

#include <optional>
#include <stop_token>
#include <string_view>
#include <type_traits>

#include "conveyor/channel.h"
#include "conveyor/export.h"
#include "conveyor/metadata.h"
#include "conveyor/producer.h"

namespace conveyor {

/// What a handler can do while it handles one record, the input: send outputs, and read the input's state.
///
/// The worker commits the input only after everything sent here is acknowledged. Each output continues the input's
/// trace, and takes the input's key unless SendOptions names another. The worker does not know what a handler sends
/// through a Producer of its own: such a record may be lost if the process dies after the input was committed.
///
/// Thread safety: use it only on the thread of the handler's call, and only until the handler returns.
class CONVEYOR_EXPORT Context {
 public:
  virtual ~Context();

  /// @throws Error as Producer::send does. Some of these errors say nothing about the message: no right to write the
  ///         topic, no such topic, no answer. If the handler then lets this or another exception pass, the input waits
  ///         and the worker calls the handler again.
  template <ProtobufMessage T>
  void send(const Channel<T>& channel, const std::type_identity_t<T>& message, const SendOptions& options = {}) {
    send_erased(channel.topic(), channel.options(), message, detail::stamp_target(message), options);
  }

  /// The input's key, valid as long as the context.
  [[nodiscard]] virtual std::optional<std::string_view> key() const noexcept = 0;
  /// 1 for the first attempt at this message.
  [[nodiscard]] virtual int attempt() const noexcept = 0;
  /// Requests a stop when the worker stops or the partition is revoked. A long-running handler may then give up by
  /// throwing.
  [[nodiscard]] virtual std::stop_token stop() const noexcept = 0;

 private:
  virtual void send_erased(std::string_view topic, const ChannelOptions& channel,
                           const google::protobuf::Message& message, const detail::StampTarget& stamp,
                           const SendOptions& options) = 0;
};

}  // namespace conveyor

#endif  // CONVEYOR_CONTEXT_H_
