#ifndef CONVEYOR_MESSAGE_H_
#define CONVEYOR_MESSAGE_H_

#include <atomic>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <optional>
#include <string>
#include <string_view>
#include <system_error>
#include <utility>
#include <vector>

#include "conveyor/channel.h"
#include "conveyor/error.h"
#include "conveyor/export.h"
#include "conveyor/metadata.h"

namespace conveyor {

struct Header {
  std::string name = {};
  std::string value = {};
  bool is_null = false;  ///< no value at all, which Kafka distinguishes from an empty one; `value` is then empty
};

/// The headers of a record, in their order. Those of a received record are parsed at the first access, because many
/// receivers never look at them.
///
/// Thread safety: as a standard container.
class CONVEYOR_EXPORT Headers {
 public:
  using value_type = Header;
  using const_iterator = std::vector<Header>::const_iterator;
  using iterator = const_iterator;

  Headers() = default;
  Headers(std::vector<Header> headers) : headers_(std::move(headers)) {}  // NOLINT(google-explicit-*)
  Headers(std::initializer_list<Header> headers) : headers_(headers) {}
  Headers(const Headers& other) : headers_(other.all()) {}
  Headers(Headers&& other) noexcept
      : unread_(other.unread_.exchange(nullptr, std::memory_order_relaxed)), headers_(std::move(other.headers_)) {}
  Headers& operator=(const Headers& other) {
    if (this == &other) return *this;
    headers_ = other.all();
    unread_.store(nullptr, std::memory_order_relaxed);
    return *this;
  }
  Headers& operator=(Headers&& other) noexcept {
    unread_.store(other.unread_.exchange(nullptr, std::memory_order_relaxed), std::memory_order_relaxed);
    headers_.swap(other.headers_);
    return *this;
  }
  ~Headers() = default;

  [[nodiscard]] const std::vector<Header>& all() const {
    if (unread_.load(std::memory_order_acquire) != nullptr) read();
    return headers_;
  }
  [[nodiscard]] const_iterator begin() const { return all().begin(); }
  [[nodiscard]] const_iterator end() const { return all().end(); }
  [[nodiscard]] std::size_t size() const { return all().size(); }
  [[nodiscard]] bool empty() const { return all().empty(); }
  [[nodiscard]] const Header& operator[](std::size_t i) const { return all()[i]; }

  /// For consumers, which use one message again and again. The headers are parsed later from this record of the Kafka
  /// client; the record must stay in place until they are parsed or replaced.
  void read_later(const void* record) noexcept { unread_.store(record, std::memory_order_relaxed); }

 private:
  void read() const;

  mutable std::atomic<const void*> unread_{nullptr};
  // until `unread_` is parsed: those of the record before, whose memory is reused
  mutable std::vector<Header> headers_;
};

/// Where a record came from, and everything it carries except its value.
struct Record {
  std::string_view topic = {};  ///< as the broker names it, with Config::topic_prefix; lives as long as the process
  std::int32_t partition = -1;
  std::int64_t offset = -1;
  std::chrono::system_clock::time_point timestamp = {};
  std::optional<std::string> key = {};
  Headers headers = {};
  std::error_code error = {};  ///< errc::decode, errc::tombstone, or none
  std::string error_text = {};
};

namespace detail {

/// A view of a Header.
struct HeaderView {
  std::string_view name = {};
  std::string_view value = {};  // null data pointer: a null value

  [[nodiscard]] static HeaderView of(const Header& header) noexcept {
    return {header.name, header.is_null ? std::string_view() : std::string_view(header.value)};
  }
  [[nodiscard]] bool is_null() const noexcept { return value.data() == nullptr; }
};

/// @throws DecodeError, or Error with errc::tombstone, naming topic, partition and offset
[[noreturn]] CONVEYOR_EXPORT void throw_no_value(const Record& record);
/// The metadata of a message without the field _message_data, read from the record's headers.
[[nodiscard]] CONVEYOR_EXPORT MetadataView metadata_of(const Record& record);

}  // namespace detail

/// A message received from a channel, with its record.
///
/// It owns all its data. A tombstone or an undecodable record is a message without a value: `value()` then throws; all
/// other functions work.
///
/// Thread safety: as a standard container. Move only.
template <ProtobufMessage T>
class Message {
 public:
  Message() = default;
  Message(Record record, T value) : record_(std::move(record)), value_(std::move(value)) {}
  Message(Message&&) noexcept = default;
  Message& operator=(Message&&) noexcept = default;
  Message(const Message&) = delete;
  Message& operator=(const Message&) = delete;
  ~Message() = default;

  [[nodiscard]] bool has_value() const noexcept { return !record_.error; }
  [[nodiscard]] bool is_tombstone() const noexcept { return record_.error == errc::tombstone; }

  /// @throws DecodeError, or Error with errc::tombstone, naming topic, partition and offset
  [[nodiscard]] const T& value() const& {
    if (record_.error) detail::throw_no_value(record_);
    return value_;
  }
  [[nodiscard]] T value() && {
    if (record_.error) detail::throw_no_value(record_);
    return std::move(value_);
  }

  /// What the sender stamped. For an undecodable record: what its headers say.
  [[nodiscard]] MetadataView metadata() const {
    if constexpr (detail::CarriesMetadata<T>) {
      if (!record_.error) return detail::view_metadata(value_);
    }
    return detail::metadata_of(record_);
  }

  [[nodiscard]] const Record& record() const noexcept { return record_; }
  [[nodiscard]] std::optional<std::string_view> key() const noexcept { return record_.key; }
  [[nodiscard]] std::string_view topic() const noexcept { return record_.topic; }
  [[nodiscard]] std::int32_t partition() const noexcept { return record_.partition; }
  [[nodiscard]] std::int64_t offset() const noexcept { return record_.offset; }

  /// For consumers and workers, which use one message again and again. Calls read(record, value).
  void refill(auto&& read) {
    read(record_, value_);
    if (!record_.error) detail::note_position(value_, record_.partition, record_.offset);
  }

 private:
  Record record_;
  T value_;
};

namespace detail {

/// The value that the next record is decoded into, before the message gets the record itself.
template <ProtobufMessage T>
[[nodiscard]] T& undelivered_value(Message<T>& message) {
  T* found = nullptr;
  message.refill([&](Record& record, T& value) {
    // no position is written into the message before its value is decoded
    record.error = make_error_code(errc::tombstone);
    found = &value;
  });
  return *found;
}

/// The trace id that a value carries; empty when its type has none.
template <ProtobufMessage T>
[[nodiscard]] std::string_view trace_id_in(const T& value) {
  if constexpr (CarriesMetadata<T>) {
    return value._message_data().trace_id();
  } else {
    return {};
  }
}

}  // namespace detail

}  // namespace conveyor

#endif  // CONVEYOR_MESSAGE_H_
