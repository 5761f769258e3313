#ifndef CONVEYOR_TESTING_HANDLER_H_
#define CONVEYOR_TESTING_HANDLER_H_

#include <google/protobuf/message.h>

#include <optional>
#include <stop_token>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "conveyor/context.h"
#include "conveyor/message.h"

namespace conveyor::testing {

/// Makes the message that a handler would receive, without a broker:
///
///     EXPECT_EQ(label(message(image, {.key = "camera-1"}), context)->object(0), "person");
template <ProtobufMessage T>
[[nodiscard]] Message<T> message(T value, Record record = {}) {
  Message<T> made;
  made.refill([&](Record& into, T& in) {
    into = std::move(record);
    in = std::move(value);
  });
  return made;
}

/// Makes the message that a handler would receive for a record that cannot be decoded.
template <ProtobufMessage T>
[[nodiscard]] Message<T> undecodable_message(std::string error_text, Record record = {}) {
  record.error = errc::decode;
  record.error_text = std::move(error_text);
  return message<T>({}, std::move(record));
}

/// A Context that records what the handler sends, for a test to look at.
///
/// Thread safety: one thread at a time.
class RecordingContext final : public Context {
 public:
  /// One sent message, before the stamp is written into it and it is compressed.
  struct Sent {
    std::string topic = {};
    std::string value = {};
    std::optional<std::string> key = {};
    std::vector<Header> headers = {};
    std::int32_t partition = -1;
  };

  explicit RecordingContext(int attempt = 1, std::stop_token stop = {}, std::optional<std::string> key = {})
      : attempt_(attempt), stop_(std::move(stop)), key_(std::move(key)) {}

  [[nodiscard]] std::optional<std::string_view> key() const noexcept override { return key_; }
  [[nodiscard]] int attempt() const noexcept override { return attempt_; }
  [[nodiscard]] std::stop_token stop() const noexcept override { return stop_; }

  /// Everything sent, oldest first.
  [[nodiscard]] const std::vector<Sent>& sent() const noexcept { return sent_; }

  /// What was sent to one channel, oldest first.
  template <ProtobufMessage T>
  [[nodiscard]] std::vector<T> sent(const Channel<T>& channel) const {
    std::vector<T> messages;
    for (const Sent& one : sent_) {
      if (one.topic == channel.topic()) messages.emplace_back().ParseFromString(one.value);
    }
    return messages;
  }

 private:
  void send_erased(std::string_view topic, const ChannelOptions&, const google::protobuf::Message& message,
                   const detail::StampTarget&, const SendOptions& options) override {
    Sent& one = sent_.emplace_back();
    one.topic = topic;
    one.value = message.SerializeAsString();
    one.key = options.key.view();
    one.headers = options.headers;
    one.partition = options.partition;
  }

  int attempt_;
  std::stop_token stop_;
  std::optional<std::string> key_;
  std::vector<Sent> sent_;
};

}  // namespace conveyor::testing

#endif  // CONVEYOR_TESTING_HANDLER_H_
