#ifndef CONVEYOR_SRC_CODEC_STAMP_H_
#define CONVEYOR_SRC_CODEC_STAMP_H_

#include <chrono>
#include <cstddef>
#include <string>
#include <string_view>

#include "conveyor/metadata.h"

namespace conveyor::codec {

/// What is stamped on one send.
struct Stamp {
  std::chrono::system_clock::time_point time = {};
  Environment environment = Environment::kUnknown;
  std::string_view service = {};
  std::string uuid = {};
  std::string trace_id = {};
};

/// Seconds since the Unix epoch, to the microsecond.
[[nodiscard]] double seconds_of(std::chrono::system_clock::time_point time) noexcept;

/// UTC as Python's datetime.isoformat() writes it: 2026-01-02T03:04:05.678901+00:00, without the fraction when it is 0.
[[nodiscard]] std::string iso_date_of(std::chrono::system_clock::time_point time);

[[nodiscard]] std::string_view name_of(Environment environment) noexcept;

/// The field `_message_data` in protobuf's wire format. Appended to a serialised message it overrides what the message
/// carried: protobuf merges a repeated singular sub-message, the last scalar wins. Zeros are written out, so that a
/// forwarded offset and partition do not survive.
/// @param field the number of _message_data
[[nodiscard]] std::string stamp_field(const Stamp& stamp, int field);

}  // namespace conveyor::codec

#endif  // CONVEYOR_SRC_CODEC_STAMP_H_
