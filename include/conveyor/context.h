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

/// What a handler may do beside returning.
///
/// Everything sent here is acknowledged before the input counts as done, and continues the input's trace; where
/// SendOptions names no key, the input's key is taken. What a handler sends through a Producer of its own the worker
/// does not know: it may be lost when the process dies after the input was committed.
///
/// Thread safety: belongs to the handler's call; use it on that thread only, and not after the handler returned.
class CONVEYOR_EXPORT Context {
 public:
  virtual ~Context();

  /// @throws Error as Producer::send does. Where that says nothing about the message (no right to write the topic, no
  ///         such topic, no answer) and the handler lets it or another exception pass, the input waits and the handler
  ///         is called again.
  template <ProtobufMessage T>
  void send(const Channel<T>& channel, const std::type_identity_t<T>& message, const SendOptions& options = {}) {
    send_erased(channel.topic(), channel.options(), message, detail::stamp_target(message), options);
  }

  /// The input's key. It lives as long as the context.
  [[nodiscard]] virtual std::optional<std::string_view> key() const noexcept = 0;
  /// 1 for the first attempt at this message.
  [[nodiscard]] virtual int attempt() const noexcept = 0;
  /// Stopped when the worker shall end or the partition was taken away: long work may give up by throwing.
  [[nodiscard]] virtual std::stop_token stop() const noexcept = 0;

 private:
  virtual void send_erased(std::string_view topic, const ChannelOptions& channel,
                           const google::protobuf::Message& message, const detail::StampTarget& stamp,
                           const SendOptions& options) = 0;
};

}  // namespace conveyor

#endif  // CONVEYOR_CONTEXT_H_
