#ifndef CONVEYOR_SRC_CODEC_STAMP_H_
#define CONVEYOR_SRC_CODEC_STAMP_H_

#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "conveyor/metadata.h"

namespace conveyor::codec {

/// What one send is stamped with. Its texts belong to the caller, and must live as long as the stamp is used.
struct Stamp {
  std::chrono::system_clock::time_point time = {};
  Environment environment = Environment::kUnknown;
  std::string_view service = {};
  std::string_view uuid = {};
  std::string_view trace_id = {};
};

/// Seconds since the Unix epoch, to the microsecond.
[[nodiscard]] double seconds_of(std::chrono::system_clock::time_point time) noexcept;

/// UTC as Python's datetime.isoformat() writes it: 2026-01-02T03:04:05.678901+00:00, without the fraction when it is 0.
class IsoDate {
 public:
  explicit IsoDate(std::chrono::system_clock::time_point time);
  [[nodiscard]] std::string_view view() const noexcept { return {text_.data(), size_}; }

 private:
  std::array<char, 85> text_;  // six numbers of any size, the fraction, and the zone
  std::size_t size_ = 0;
};

[[nodiscard]] std::string_view name_of(Environment environment) noexcept;

/// The field `_message_data` in protobuf's wire format, to be appended to a serialised message. Parsers merge it with
/// the one that the message carried, and the last scalar wins: the stamp overrides everything. Zeros are written too,
/// because the offset and the partition of a forwarded message would survive otherwise.
class StampField {
 public:
  /// @param stamp must live as long as this @param field the number of _message_data
  StampField(const Stamp& stamp, int field);

  [[nodiscard]] std::size_t size() const noexcept { return size_; }
  /// @return the end of what was written
  char* write(char* out) const noexcept;

 private:
  const Stamp& stamp_;
  const IsoDate date_;
  const std::uint64_t tag_;
  const std::size_t data_size_;  // of what the field contains
  const std::size_t size_;
};

}  // namespace conveyor::codec

#endif  // CONVEYOR_SRC_CODEC_STAMP_H_
