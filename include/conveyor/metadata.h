#ifndef CONVEYOR_METADATA_H_
#define CONVEYOR_METADATA_H_

#include <concepts>
#include <cstdint>
#include <string_view>
#include <type_traits>
#include <utility>

#include "conveyor/channel.h"

namespace conveyor {

/// Where a service runs; the numbers are those of conveyor.v1.Environment.
enum class Environment { kUnknown = 0, kProduction = 1, kDevelopment = 2, kStaging = 3 };

/// What a message says about itself, from its field `_message_data` or, without one, from the record's headers.
/// The views live as long as the message.
struct MetadataView {
  double timestamp = 0;  ///< seconds since the Unix epoch; 0 when the sender did not say
  Environment environment = Environment::kUnknown;
  std::string_view sending_service = {};
  std::string_view uuid = {};
  std::string_view iso_date = {};  ///< UTC, such as 2026-01-02T03:04:05.678901+00:00
  std::int64_t offset = 0;         ///< of the record it came in
  std::int64_t partition = 0;      ///< of the record it came in
  std::string_view trace_id = {};  ///< 32 lower-case hex digits, the W3C trace id
};

namespace detail {

template <class T>
concept HasMessageData = requires(const T& message) {
  message._message_data();
};

/// MessageCorps' shape: these eight fields, under these numbers.
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

/// What stamping must know of a message about to be sent.
struct StampTarget {
  int field = 0;                   // number of _message_data, 0 when the type has none
  std::string_view trace_id = {};  // the one the message already carries
};

template <ProtobufMessage T>
StampTarget stamp_target(const T& message) {
  if constexpr (CarriesMetadata<T>) {
    return {T::kMessageDataFieldNumber, message._message_data().trace_id()};
  } else {
    static_assert(!HasMessageData<T>,
                  "this message has a field _message_data that is not of conveyor.v1.Metadata's shape (fields 1 to 8)");
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

/// Clears a message that another one shall be read into, which then merges. Cleared as a whole it would throw away its
/// `_message_data`, which the next one needs again: a fifth of what receiving a small message costs.
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

/// Writes into a received message where its record lay.
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
