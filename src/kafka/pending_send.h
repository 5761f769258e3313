#ifndef CONVEYOR_SRC_KAFKA_PENDING_SEND_H_
#define CONVEYOR_SRC_KAFKA_PENDING_SEND_H_

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

/// One send, from the moment its value's size is known until it is resolved. Key, value and headers lie in the same
/// piece of memory; librdkafka reads the value where it is, and so does a hung client that was given up: its memory has
/// as many owners as there are pointers.
class PendingSend {
 public:
  struct Deleter {
    void operator()(PendingSend* send) const noexcept;
  };
  using Ptr = std::unique_ptr<PendingSend, Deleter>;

  /// Memory for a send whose value is yet to be written.
  class Draft {
   public:
    /// @param topic must live as long as the process @param most bytes of the value
    /// @param headers all of them: those of the options are not looked at
    /// @throws Error with errc::message_too_large above 4 GiB
    Draft(std::string_view topic, const SendOptions& options, std::size_t most,
          std::span<const detail::HeaderView> headers);

    [[nodiscard]] char* value() noexcept { return memory_->get() + space_before_value(); }
    /// The value that was written has `size` bytes; gives back what was asked for beyond.
    [[nodiscard]] Ptr finish(std::size_t size, DeliveryCallback done) &&;

   private:
    [[nodiscard]] std::size_t space_before_value() const noexcept {
      return sizeof(PendingSend) + key_size_ + header_space(header_count_, header_bytes_);
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

  PendingSend(const PendingSend&) = delete;
  PendingSend& operator=(const PendingSend&) = delete;

  [[nodiscard]] char* value() noexcept { return bytes() + key_size_ + header_space(header_count_, header_bytes_); }
  [[nodiscard]] std::string_view topic() const noexcept { return topic_; }
  /// What a client that is none of librdkafka's needs of it: a copy of all but its value.
  struct Contents {
    Record record = {};  ///< without topic and offset
    std::optional<std::string_view> value = {};
  };
  [[nodiscard]] Contents contents();
  [[nodiscard]] std::size_t key_and_value_bytes() const noexcept { return std::size_t{key_size_} + value_size_; }
  /// Key, value and headers, as the limit of a record counts them.
  [[nodiscard]] std::size_t record_bytes() const noexcept { return key_and_value_bytes() + header_bytes_; }

  /// Another owner of the memory.
  [[nodiscard]] Ptr share() noexcept {
    owners_.fetch_add(1, std::memory_order_relaxed);
    return Ptr{this};
  }

  /// From now on it goes to this partition, the one that was chosen for it the first time.
  void pin(std::int32_t partition) noexcept {
    if (partition >= 0) partition_ = partition;
  }
  /// -1: the client chooses.
  [[nodiscard]] std::int32_t partition() const noexcept { return partition_; }

  /// Hands the send to librdkafka, which reports about it with this object as the opaque pointer. Once it is accepted
  /// the report may come, and delete this object, before the call returns. @return _FATAL when the client has failed
  /// for good
  [[nodiscard]] rd_kafka_resp_err_t produce(rd_kafka_t* client, rd_kafka_topic_t* topic);

  /// Calls the callback, once, and lets go of it; what it throws is left to the caller.
  void resolve(const Delivery& delivery) {
    if (const auto done = std::exchange(done_, nullptr)) done(delivery);
  }

  /// Those beside it in their list are about to be written to. Of many partitions they are reported in another order
  /// than they lie in, so that no cache has them.
  void prefetch_neighbours() const noexcept {
    __builtin_prefetch(previous, 1);
    __builtin_prefetch(next, 1);
  }

  /// The record has no value at all, which is not the same as an empty one.
  void make_tombstone() noexcept { tombstone_ = true; }

  // What the registry knows of it.
  PendingSend* previous = nullptr;  // in the order of acceptance
  PendingSend* next = nullptr;
  std::uint64_t sequence = 0;
  std::chrono::steady_clock::time_point due = {};  // when its delivery timeout ends
  bool with_client = false;                        // handed over, and not reported
  bool possibly_stored = false;                    // some client that had it failed after a broker may have stored it
  bool may_repeat = false;                         // the last client that had it did
  bool expired = false;                            // resolved before its client reported

 private:
  // Before each header's name, which a zero ends, and its value. A value of size kNull is none.
  struct HeaderSizes {
    std::uint32_t name;
    std::uint32_t value;
  };
  static constexpr std::uint32_t kNull = 0xFFFF'FFFF;
  /// What headers take in the memory, behind the key: their sizes too.
  static constexpr std::size_t header_space(std::uint32_t count, std::size_t bytes) noexcept {
    return bytes + count * sizeof(HeaderSizes);
  }

  PendingSend() = default;
  ~PendingSend() = default;
  [[nodiscard]] Headers headers() noexcept;
  char* bytes() noexcept { return reinterpret_cast<char*>(this + 1); }

  // Small, as hundreds of thousands may wait, and each is looked at again when the caches know nothing of it any more.
  std::uint32_t room_ = 0;  // of the memory
  std::uint32_t key_size_ = 0;
  std::uint32_t value_size_ = 0;
  std::uint32_t header_bytes_ = 0;  // for each a name, a zero, a value
  std::uint32_t header_count_ = 0;
  std::int32_t partition_ = -1;
  std::atomic<std::uint32_t> owners_{1};
  std::string_view topic_;
  bool has_key_ = false;
  bool tombstone_ = false;
  DeliveryCallback done_;
};

/// Sends in the order in which they were added; owns nothing.
struct SendList {
  void add(PendingSend* send) noexcept {
    send->previous = newest;
    send->next = nullptr;
    (newest != nullptr ? newest->next : oldest) = send;
    newest = send;
  }
  void remove(PendingSend* send) noexcept {
    (send->previous != nullptr ? send->previous->next : oldest) = send->next;
    (send->next != nullptr ? send->next->previous : newest) = send->previous;
  }

  PendingSend* oldest = nullptr;
  PendingSend* newest = nullptr;
};

}  // namespace conveyor::kafka

#endif  // CONVEYOR_SRC_KAFKA_PENDING_SEND_H_
