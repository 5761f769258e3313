#ifndef CONVEYOR_CHANNEL_H_
#define CONVEYOR_CHANNEL_H_

#include <concepts>
#include <cstddef>
#include <string_view>
#include <type_traits>

#include "conveyor/export.h"

namespace google::protobuf {
class Message;
}

namespace conveyor {

/// A message class that protoc generated.
template <class T>
concept ProtobufMessage = std::derived_from<T, google::protobuf::Message> && std::default_initializable<T>;

/// How a message becomes a record's value.
enum class Codec {
  kZlib,  ///< a zlib stream (RFC 1950) of the serialised message
  kRaw,   ///< the serialised message as it is
};

struct ChannelOptions {
  Codec codec = Codec::kZlib;
  /// zlib level, 1 (fast) to 12 (small). Every zlib decompresses every level.
  int level = 1;
};

namespace detail {

// Not constexpr, so that calling it ends constant evaluation. The compiler's message then shows this name.
void illegal_kafka_topic_name();
void zlib_level_must_be_1_to_12();

/// Kafka's rule for topic names: 1 to 249 of [a-zA-Z0-9._-], but neither "." nor "..".
constexpr bool legal_topic(std::string_view topic) noexcept {
  if (topic.empty() || topic.size() > 249 || topic == "." || topic == "..") return false;
  for (const char c : topic) {
    const bool legal =
        (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '.' || c == '_' || c == '-';
    if (!legal) return false;
  }
  return true;
}

constexpr bool legal_level(int level) noexcept { return level >= 1 && level <= 12; }

/// Checks topic and options, then copies the name once into storage that lives as long as the process.
/// @throws Error with errc::invalid_topic or errc::invalid_config
[[nodiscard]] CONVEYOR_EXPORT std::string_view intern_topic(std::string_view topic, const ChannelOptions& options);

}  // namespace detail

/// A Kafka topic bound to the one protobuf message type that travels on it.
///
/// Declare channels once, as constants; producers, consumers and workers take them, so that a message of another type
/// does not compile:
///
///     inline constexpr conveyor::Channel<acme::Order> kOrders{"orders"};
///
/// T may be an incomplete (forward declared) type where the constant is declared.
///
/// Thread safety: immutable, share freely.
template <class T>
class Channel {
 public:
  using value_type = T;

  /// @param topic a legal Kafka topic name of at most 249 characters; any other name does not compile
  template <std::size_t N>
  consteval Channel(const char (&topic)[N], ChannelOptions options = {}) : topic_(topic, N - 1), options_(options) {
    if (!detail::legal_topic(topic_)) detail::illegal_kafka_topic_name();
    if (!detail::legal_level(options_.level)) detail::zlib_level_must_be_1_to_12();
  }

  /// Makes a channel whose name is known only at run time. The name is copied once and kept as long as the process
  /// lives.
  /// @throws Error with errc::invalid_topic or errc::invalid_config
  [[nodiscard]] static Channel named(std::string_view topic, ChannelOptions options = {}) {
    return Channel(Interned{}, detail::intern_topic(topic, options), options);
  }

  /// The name without Config::topic_prefix.
  [[nodiscard]] constexpr std::string_view topic() const noexcept { return topic_; }
  [[nodiscard]] constexpr const ChannelOptions& options() const noexcept { return options_; }

 private:
  struct Interned {};
  constexpr Channel(Interned, std::string_view topic, ChannelOptions options) : topic_(topic), options_(options) {}

  std::string_view topic_;
  ChannelOptions options_;
};

}  // namespace conveyor

#endif  // CONVEYOR_CHANNEL_H_
