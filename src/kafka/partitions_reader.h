#ifndef CONVEYOR_SRC_KAFKA_PARTITIONS_READER_H_
#define CONVEYOR_SRC_KAFKA_PARTITIONS_READER_H_

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <map>
#include <set>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "conveyor/config.h"
#include "conveyor/export.h"
#include "kafka/assigned_partition.h"
#include "kafka/client.h"
#include "kafka/consumed_record.h"
#include "kafka/handle.h"

namespace conveyor::kafka {

/// How much is fetched ahead of what is read.
enum class FetchAhead {
  kMuch,    ///< for reading logs
  kLittle,  ///< for a look at the first record of many partitions
};

/// Reads partitions of any topics at the same time, as their records arrive, without being a member of a group. Records
/// of one partition keep their order. TopicReader reads one partition after another.
///
/// Thread safety: use it from one thread. The command uses it, so it is exported.
class CONVEYOR_EXPORT PartitionsReader {
 public:
  PartitionsReader(const Config& config, FetchAhead ahead);
  ~PartitionsReader();
  PartitionsReader(const PartitionsReader&) = delete;
  PartitionsReader& operator=(const PartitionsReader&) = delete;

  /// Begins a partition that is not being read. @throws Error with the partition's name
  void start(const TopicPartition& where, std::int64_t offset);
  /// Ends a partition, if it is being read. Records that were fetched already may still come.
  void stop(const TopicPartition& where);

  /// What has arrived, at least one record unless the time passes. The end of a partition (RD_KAFKA_RESP_ERR__PARTITION_EOF)
  /// and errors come among the records: see ConsumedRecord::error(). Destroy the records before the next call.
  [[nodiscard]] std::vector<ConsumedRecord> read(std::chrono::milliseconds within);

  [[nodiscard]] Reporter& reporter() const noexcept { return client_.reporter(); }

 private:
  rd_kafka_topic_t* handle_of(std::string_view topic);

  Client client_;
  Queue events_;
  Queue records_;
  std::map<std::string, Topic, std::less<>> topics_;
  std::set<std::pair<std::string_view, std::int32_t>> started_;
  std::vector<rd_kafka_message_t*> batch_;
};

}  // namespace conveyor::kafka

#endif  // CONVEYOR_SRC_KAFKA_PARTITIONS_READER_H_
