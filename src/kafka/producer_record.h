#ifndef CONVEYOR_SRC_KAFKA_PRODUCER_RECORD_H_
#define CONVEYOR_SRC_KAFKA_PRODUCER_RECORD_H_

#include <atomic>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>

#include "conveyor/error.h"
#include "conveyor/message.h"
#include "conveyor/producer.h"
#include "kafka/handle.h"
#include "kafka/send_memory.h"

namespace conveyor::kafka {

/// Why a send was not accepted.
struct Refusal {
  errc code = errc::ok;
  std::string text = {};
};

/// One send, from when the size of its value is known until it is resolved. Key, value and headers lie in one piece of
/// memory. librdkafka reads the value in place; so does a hung client that was abandoned. The memory therefore has an
/// owner for each Ptr.
class ProducerRecord {
 public:
  struct Deleter {
    void operator()(ProducerRecord* send) const noexcept;
  };
  using Ptr = std::unique_ptr<ProducerRecord, Deleter>;

  /// The memory of a send whose value is not written yet.
  class Builder {
   public:
    /// @param topic must live as long as the process
    /// @param most the most bytes that the value may have
    /// @param headers all headers of the record: those of the options are ignored
    /// @throws Error with errc::message_too_large above 4 GiB
    Builder(std::string_view topic, const SendOptions& options, std::size_t most,
            std::span<const detail::HeaderView> headers);

    [[nodiscard]] char* value() noexcept { return memory_->get() + space_before_value(); }
    /// The value has been written and has `size` bytes. The unused memory is given back.
    [[nodiscard]] Ptr build(std::size_t size, DeliveryCallback done) &&;

   private:
    [[nodiscard]] std::size_t space_before_value() const noexcept {
      return sizeof(ProducerRecord) + key_size_ + header_space(header_count_, header_bytes_);
    }

    std::string_view topic_;
    std::int32_t partition_;
    bool has_key_;
    std::size_t key_size_ = 0;
    std::uint32_t header_count_ = 0;
    std::size_t header_bytes_ = 0;
    std::optional<SendMemory> memory_;
  };

  /// @param topic must live as long as the process
  static Ptr make(std::string_view topic, const SendOptions& options, std::size_t value_size,
                  std::span<const Header> headers, DeliveryCallback done);

  ProducerRecord(const ProducerRecord&) = delete;
  ProducerRecord& operator=(const ProducerRecord&) = delete;

  [[nodiscard]] char* value() noexcept { return bytes() + key_size_ + header_space(header_count_, header_bytes_); }
  [[nodiscard]] std::string_view topic() const noexcept { return topic_; }
  /// What a client that is none of librdkafka's needs of it: a copy of all but its value.
  struct Contents {
    Record record = {};  ///< without topic and offset
    std::optional<std::string_view> value = {};
  };
  [[nodiscard]] Contents contents();
  [[nodiscard]] std::size_t key_and_value_bytes() const noexcept { return std::size_t{key_size_} + value_size_; }
  /// Size of key, value and headers, as the record size limit counts them.
  [[nodiscard]] std::size_t record_bytes() const noexcept { return key_and_value_bytes() + header_bytes_; }

  /// Another owner of the memory.
  [[nodiscard]] Ptr share() noexcept {
    owners_.fetch_add(1, std::memory_order_relaxed);
    return Ptr{this};
  }

  /// From now on the send goes to this partition, which was chosen for it the first time.
  void pin(std::int32_t partition) noexcept {
    if (partition >= 0) partition_ = partition;
  }
  /// -1: the client chooses one.
  [[nodiscard]] std::int32_t partition() const noexcept { return partition_; }

  /// Hands the send to librdkafka, whose delivery report has this object as its opaque pointer. Once librdkafka has
  /// accepted it, the report may arrive and delete this object before the call returns.
  /// @return RD_KAFKA_RESP_ERR__FATAL when the client has failed permanently
  [[nodiscard]] rd_kafka_resp_err_t produce(rd_kafka_t* client, rd_kafka_topic_t* topic);

  /// Calls the callback, once, and releases it. Exceptions of the callback are passed on.
  void resolve(const Delivery& delivery) {
    if (const auto done = std::exchange(done_, nullptr)) done(delivery);
  }

  /// Prefetches the neighbours in the list, which are about to be written. With many partitions the reports come in
  /// another order than the sends lie in memory, so that the caches do not have them.
  void prefetch_neighbours() const noexcept {
    __builtin_prefetch(previous, 1);
    __builtin_prefetch(next, 1);
  }

  /// The record has no value (null), which differs from an empty value.
  void make_tombstone() noexcept { tombstone_ = true; }

  // Fields of the registry.
  ProducerRecord* previous = nullptr;  // in the order of acceptance
  ProducerRecord* next = nullptr;
  std::uint64_t sequence = 0;
  std::chrono::steady_clock::time_point due = {};  // when its delivery timeout ends
  bool with_client = false;                        // handed over, and not reported
  bool possibly_stored = false;                    // a client that had it failed after a broker may have stored it
  bool may_repeat = false;                         // the last client that had it failed so
  bool expired = false;                            // resolved before its client reported

 private:
  // Precedes each header's name, which a zero byte ends, and its value. A value of size kNull is null.
  struct HeaderSizes {
    std::uint32_t name;
    std::uint32_t value;
  };
  static constexpr std::uint32_t kNull = 0xFFFF'FFFF;
  /// The bytes that headers take in the memory, after the key, with their sizes.
  static constexpr std::size_t header_space(std::uint32_t count, std::size_t bytes) noexcept {
    return bytes + count * sizeof(HeaderSizes);
  }

  ProducerRecord() = default;
  ~ProducerRecord() = default;
  [[nodiscard]] Headers headers() noexcept;
  char* bytes() noexcept { return reinterpret_cast<char*>(this + 1); }

  // Keep this object small: hundreds of thousands may wait, and each is accessed again when the caches have lost it.
  std::uint32_t room_ = 0;  // size of the memory
  std::uint32_t key_size_ = 0;
  std::uint32_t value_size_ = 0;
  std::uint32_t header_bytes_ = 0;  // for each header: name, zero byte, value
  std::uint32_t header_count_ = 0;
  std::int32_t partition_ = -1;
  std::atomic<std::uint32_t> owners_{1};
  std::string_view topic_;
  bool has_key_ = false;
  bool tombstone_ = false;
  DeliveryCallback done_;
};

/// Sends in the order in which they were added. Owns nothing.
struct SendList {
  void add(ProducerRecord* send) noexcept {
    send->previous = newest;
    send->next = nullptr;
    (newest != nullptr ? newest->next : oldest) = send;
    newest = send;
  }
  void remove(ProducerRecord* send) noexcept {
    (send->previous != nullptr ? send->previous->next : oldest) = send->next;
    (send->next != nullptr ? send->next->previous : newest) = send->previous;
  }

  ProducerRecord* oldest = nullptr;
  ProducerRecord* newest = nullptr;
};

}  // namespace conveyor::kafka

#endif  // CONVEYOR_SRC_KAFKA_PRODUCER_RECORD_H_
