#ifndef CONVEYOR_TESTS_SUPPORT_RAW_KAFKA_H_
#define CONVEYOR_TESTS_SUPPORT_RAW_KAFKA_H_

#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "conveyor/message.h"

struct rd_kafka_s;

namespace conveyor::tests {

/// A record as it lies on the broker.
struct RawRecord {
  std::optional<std::string> value = {};  ///< none: a tombstone
  std::optional<std::string> key = {};
  std::vector<Header> headers = {};
  std::int32_t partition = 0;
  std::int64_t offset = -1;                              ///< set by read_raw
  std::chrono::system_clock::time_point timestamp = {};  ///< as write_raw writes it; the epoch: now
};

/// Writes records with a plain librdkafka producer. @throws std::runtime_error
void write_raw(std::string_view topic, const std::vector<RawRecord>& records);

/// Reads `count` records from the start of partitions 0 to `partitions` - 1, in order within each; fewer when no more
/// came within the time.
[[nodiscard]] std::vector<RawRecord> read_raw(std::string_view topic, int partitions, std::size_t count,
                                              std::chrono::milliseconds within = std::chrono::seconds(20));

struct DestroyPlainClient {
  void operator()(rd_kafka_s* client) const noexcept;
};
using PlainClient = std::unique_ptr<rd_kafka_s, DestroyPlainClient>;

/// A plain librdkafka producer that writes in transactions. All functions throw std::runtime_error.
class RawTransactions {
 public:
  RawTransactions();

  void begin();
  /// Returns when the broker has it.
  void write(const std::string& topic, const RawRecord& record);
  void commit();
  void abort();

 private:
  const PlainClient client_;
};

/// What a group has committed, for those who look again and again: a client for each look costs far more than the look.
class CommittedOffset {
 public:
  CommittedOffset(const std::string& group, std::string_view topic, int partition);

  /// The offset, or -1. @throws std::runtime_error
  [[nodiscard]] std::int64_t read() const;

 private:
  const std::string topic_;
  const int partition_;
  const PlainClient client_;
};
/// The same, once.
[[nodiscard]] std::int64_t committed_offset(const std::string& group, std::string_view topic, int partition);

/// Commits for a group without members. @throws std::runtime_error
void commit_offset(const std::string& group, std::string_view topic, int partition, std::int64_t next,
                   const std::string& metadata = {});

/// Gives a topic more partitions. @param partitions it has then @throws std::runtime_error
void add_partitions(const std::string& topic, int partitions);

/// The value of the last header of that name, or none.
[[nodiscard]] std::optional<std::string> header(std::span<const Header> headers, std::string_view name);

/// zlib's own compress2 and uncompress: what any other client would do.
[[nodiscard]] std::string zlib_compress(std::string_view bytes, int level = -1);
[[nodiscard]] std::string zlib_uncompress(std::string_view stream, std::size_t most = std::size_t{16} << 20);

}  // namespace conveyor::tests

#endif  // CONVEYOR_TESTS_SUPPORT_RAW_KAFKA_H_
