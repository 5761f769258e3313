#ifndef CONVEYOR_TESTS_SUPPORT_TESTED_PRODUCER_H_
#define CONVEYOR_TESTS_SUPPORT_TESTED_PRODUCER_H_

#include <gtest/gtest.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <cstdint>
#include <map>
#include <string>
#include <system_error>
#include <utility>
#include <vector>

#include "conveyor/v1/image.pb.h"
#include "produce/producer_core.h"
#include "support/broker.h"
#include "support/raw_kafka.h"

namespace conveyor::tests {

inline constexpr auto kFatal = RD_KAFKA_RESP_ERR_OUT_OF_ORDER_SEQUENCE_NUMBER;

/// What Producer does, and the client within reach.
class TestedProducer {
 public:
  TestedProducer(const Config& config, const ProducerOptions& options) : core_(config, options) {}

  [[nodiscard]] std::error_code try_send(const Channel<v1::Image>& channel, std::int64_t id,
                                         const SendOptions& options = {}, DeliveryCallback done = {},
                                         std::size_t bytes = 0) {
    v1::Image image;
    image.set_frame(id);
    image.mutable_image_data()->resize(bytes);
    const auto refusal = core_.send(channel.topic(), channel.options(), image, detail::stamp_target(image), options,
                                    nullptr, std::move(done));
    return refusal ? std::error_code(refusal->code) : std::error_code();
  }
  [[nodiscard]] kafka::ProducerClient& client() { return core_.client(); }
  [[nodiscard]] ProducerCounters counters() { return client().counters(); }
  bool fail() { return client().fail_client(kFatal); }

 private:
  detail::ProducerCore core_;
};

/// What became of sends, by their numbers.
class Outcomes {
 public:
  explicit Outcomes(std::size_t sends) : calls_(sends), codes_(sends) {}

  [[nodiscard]] DeliveryCallback callback(std::size_t id) {
    return [this, id](const Delivery& delivery) {
      codes_[id] = delivery.error.value();
      ++calls_[id];
      if (delivery.error) ++failed_;
    };
  }
  /// How many were not resolved exactly once.
  [[nodiscard]] std::size_t not_once() const {
    return static_cast<std::size_t>(std::ranges::count_if(calls_, [](const auto& calls) { return calls != 1; }));
  }
  /// How often it was.
  [[nodiscard]] int calls(std::size_t id) const { return calls_[id]; }
  [[nodiscard]] errc code(std::size_t id) const { return static_cast<errc>(codes_[id].load()); }
  [[nodiscard]] std::size_t failed() const { return failed_; }
  [[nodiscard]] std::size_t failed_with(errc code) const {
    return static_cast<std::size_t>(
        std::ranges::count_if(codes_, [&](const auto& one) { return one == static_cast<int>(code); }));
  }

 private:
  std::vector<std::atomic<int>> calls_;
  std::vector<std::atomic<int>> codes_;
  std::atomic<std::size_t> failed_{0};
};

/// What lies on the broker.
struct Stored {
  std::map<std::int64_t, int> copies;                   // by number
  std::vector<std::vector<std::int64_t>> by_partition;  // first copies
  [[nodiscard]] std::size_t duplicates() const {
    std::size_t all = 0;
    for (const auto& [id, count] : copies) all += static_cast<std::size_t>(count - 1);
    return all;
  }
};

/// A last record in each partition tells how many there are.
inline Stored read_all(const Channel<v1::Image>& channel, int partitions) {
  Producer producer(new_config());
  std::atomic<std::int64_t> records{0};
  for (int i = 0; i < partitions; ++i) {
    v1::Image last;
    last.set_frame(-1);
    producer.send(channel, last, {.partition = i}, [&](const Delivery& delivery) { records += delivery.offset + 1; });
  }
  EXPECT_EQ(producer.flush(std::chrono::seconds(30)).delivered, static_cast<std::uint64_t>(partitions));
  Stored stored;
  stored.by_partition.resize(static_cast<std::size_t>(partitions));
  const auto count = static_cast<std::size_t>(records);
  const auto raw = read_raw(channel.topic(), partitions, count, std::chrono::seconds(60));
  EXPECT_EQ(raw.size(), count);
  for (const RawRecord& record : raw) {
    v1::Image image;
    EXPECT_TRUE(image.ParseFromString(record.value.value_or("")));
    if (image.frame() < 0) continue;
    if (++stored.copies[image.frame()] > 1) continue;
    stored.by_partition[static_cast<std::size_t>(record.partition)].push_back(image.frame());
  }
  return stored;
}

}  // namespace conveyor::tests

#endif  // CONVEYOR_TESTS_SUPPORT_TESTED_PRODUCER_H_
