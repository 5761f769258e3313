#ifndef CONVEYOR_BENCH_FLOOR_H_
#define CONVEYOR_BENCH_FLOOR_H_

#include <libdeflate.h>
#include <librdkafka/rdkafka.h>

#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <ctime>
#include <memory>
#include <mutex>
#include <random>
#include <stop_token>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include "conveyor/egg/v1/egg_scan.pb.h"
#include "kafka/handle.h"

namespace conveyor::bench {

/// How the floor compresses.
enum class FloorCodec { kRaw, kLibdeflate, kZlib };

struct FloorOptions {
  std::string bootstrap_servers = {};
  std::vector<std::string> topics = {};  ///< a consumer reads the first
  FloorCodec codec = FloorCodec::kRaw;
  int level = 1;
  /// Write the two headers that the library writes beside a compressed value, so that the records are equal.
  bool headers = true;
};

struct FreeCompressor {
  void operator()(libdeflate_compressor* compressor) const noexcept { libdeflate_free_compressor(compressor); }
};
struct FreeDecompressor {
  void operator()(libdeflate_decompressor* decompressor) const noexcept { libdeflate_free_decompressor(decompressor); }
};
using Client = std::unique_ptr<rd_kafka_t, kafka::Deleter<rd_kafka_destroy>>;

/// What one writes by hand on librdkafka's C API to send stamped scans, without anything that the work does not need:
/// no key, no recovery, no limit on what is in flight, no callback for each message. The client is configured as the
/// library configures its own (idempotent, no Nagle).
///
/// Thread safety: one thread at a time.
class FloorProducer {
 public:
  explicit FloorProducer(const FloorOptions& options);
  ~FloorProducer();
  FloorProducer(const FloorProducer&) = delete;
  FloorProducer& operator=(const FloorProducer&) = delete;

  /// Writes uuid, date and trace into the scan, which saves the copy that a const message would cost.
  /// @param topic which one of FloorOptions::topics
  void send(egg::v1::EggScan& scan, std::size_t topic = 0, std::int32_t partition = RD_KAFKA_PARTITION_UA);
  /// Until everything sent so far is stored by the broker. @throws std::runtime_error after a minute, or when a send
  /// failed
  void flush();

 private:
  void stamp(v1::Metadata& metadata);
  void append_random_hex(std::string& out, int digits);
  struct Value {
    void* bytes = nullptr;  // from malloc
    std::size_t size = 0;
  };
  [[nodiscard]] Value encode(const egg::v1::EggScan& scan);
  void produce(Value value, const std::string& trace_id, rd_kafka_topic_t* topic, std::int32_t partition);
  void take_reports();

  const FloorOptions options_;
  std::mt19937_64 random_{std::random_device{}()};
  std::time_t date_second_ = -1;  // the second that date_ was written for
  std::string date_;
  std::string traceparent_;
  std::unique_ptr<libdeflate_compressor, FreeCompressor> compressor_;
  std::vector<char> serialized_;

  Client client_;
  std::vector<kafka::Topic> topics_;
  kafka::Queue events_;
  std::uint64_t sent_ = 0;

  std::mutex mutex_;
  std::condition_variable changed_;
  std::uint64_t reported_ = 0;
  std::uint64_t failed_ = 0;
  std::stop_source stop_;
  std::thread reports_;
};

/// What one writes by hand to read them at least once: one record after the other, inflated into a buffer and parsed
/// into a message that are used again, and what is done committed once a second.
///
/// Thread safety: one thread at a time.
class FloorConsumer {
 public:
  FloorConsumer(const FloorOptions& options, const std::string& group);
  ~FloorConsumer();
  FloorConsumer(const FloorConsumer&) = delete;
  FloorConsumer& operator=(const FloorConsumer&) = delete;

  /// The next scan; what it returned before counts as done. @throws std::runtime_error when none comes within a minute
  const egg::v1::EggScan& next();

 private:
  std::string_view inflated(std::string_view value);
  void commit();

  const FloorOptions options_;
  std::unique_ptr<libdeflate_decompressor, FreeDecompressor> decompressor_;
  std::vector<char> buffer_;
  egg::v1::EggScan scan_;

  Client client_;
  kafka::PartitionList done_;  // of the one partition of the topic
  std::chrono::steady_clock::time_point next_commit_ = {};
  std::uint64_t received_ = 0;
};

}  // namespace conveyor::bench

#endif  // CONVEYOR_BENCH_FLOOR_H_
