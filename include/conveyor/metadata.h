#ifndef CONVEYOR_METADATA_H_
#define CONVEYOR_METADATA_H_

#include <concepts>
#include <cstdint>
#include <string_view>
#include <type_traits>
#include <utility>

#include "conveyor/channel.h"

namespace conveyor {

/// The environment that a service runs in, with the numbers of conveyor.v1.Environment.
enum class Environment { kUnknown = 0, kProduction = 1, kDevelopment = 2, kStaging = 3 };

/// What a message says about itself: its field `_message_data`, or the record's headers when its type has no such
/// field. The views live as long as the message.
struct MetadataView {
  double timestamp = 0;  ///< seconds since the Unix epoch; 0 when the sender did not set it
  Environment environment = Environment::kUnknown;
  std::string_view sending_service = {};
  std::string_view uuid = {};
  std::string_view iso_date = {};  ///< UTC, such as 2026-01-02T03:04:05.678901+00:00
  std::int64_t offset = 0;         ///< of the record that carried the message
  std::int64_t partition = 0;      ///< of the record that carried the message
  std::string_view trace_id = {};  ///< 32 lower-case hex digits, the W3C trace id
};

namespace detail {

template <class T>
concept HasMessageData = requires(const T& message) {
  message._message_data();
};

/// The shape that MessageCorps defines: these eight fields with these numbers.
template <class M>
concept MessageDataShape = requires(M& message, const M& constant) {
  { constant.timestamp() } -> std::same_as<double>;
  {static_cast<int>(constant.environment())};
  { constant.offset() } -> std::convertible_to<std::int64_t>;
  { constant.partition() } -> std::convertible_to<std::int64_t>;
  message.set_offset(std::int64_t{});
  message.set_partition(std::int64_t{});
  message.set_sending_service("");
  message.set_uuid("");
  message.set_iso_date("");
  message.set_trace_id("");
  requires M::kTimestampFieldNumber == 1;
  requires M::kEnvironmentFieldNumber == 2;
  requires M::kSendingServiceFieldNumber == 3;
  requires M::kUuidFieldNumber == 4;
  requires M::kIsoDateFieldNumber == 5;
  requires M::kOffsetFieldNumber == 6;
  requires M::kPartitionFieldNumber == 7;
  requires M::kTraceIdFieldNumber == 8;
};

template <class T>
concept CarriesMetadata =
    HasMessageData<T> && MessageDataShape<std::remove_cvref_t<decltype(std::declval<const T&>()._message_data())>>;

/// What the library must know to stamp a message before it is sent.
struct StampTarget {
  int field = 0;                   // number of the field _message_data; 0 when the type has none
  std::string_view trace_id = {};  // the trace id that the message already carries
};

template <ProtobufMessage T>
StampTarget stamp_target(const T& message) {
  if constexpr (CarriesMetadata<T>) {
    return {T::kMessageDataFieldNumber, message._message_data().trace_id()};
  } else {
    static_assert(!HasMessageData<T>,
                  "this message's field _message_data does not have the shape of conveyor.v1.Metadata (fields 1 to 8)");
    return {};
  }
}

template <CarriesMetadata T>
MetadataView view_metadata(const T& message) {
  const auto& data = message._message_data();
  return {data.timestamp(),       static_cast<Environment>(data.environment()),
          data.sending_service(), data.uuid(),
          data.iso_date(),        data.offset(),
          data.partition(),       data.trace_id()};
}

/// Clears a message before another one is parsed into it with a merge. It keeps the sub-message `_message_data` for the
/// next message: allocating that again is a fifth of the cost of receiving a small message.
template <ProtobufMessage T>
T& recycled(T& message) {
  if constexpr (CarriesMetadata<T>) {
    auto* data = message.release__message_data();
    message.Clear();
    if (data != nullptr) {
      data->Clear();
      message.set_allocated__message_data(data);
    }
  } else {
    message.Clear();
  }
  return message;
}

/// Writes the record's partition and offset into a received message.
template <ProtobufMessage T>
void note_position(T& message, std::int32_t partition, std::int64_t offset) {
  if constexpr (CarriesMetadata<T>) {
    message.mutable__message_data()->set_offset(offset);
    message.mutable__message_data()->set_partition(partition);
  }
}

}  // namespace detail

}  // namespace conveyor

#endif  // CONVEYOR_METADATA_H_
