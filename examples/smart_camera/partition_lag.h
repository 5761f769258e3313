#ifndef SMART_CAMERA_PARTITION_LAG_H_
#define SMART_CAMERA_PARTITION_LAG_H_

#include <algorithm>
#include <cstdint>
#include <map>

namespace smart_camera {

/// How many records of each partition wait for a detector: the last offset that the brokers acknowledged less that of
/// the last record whose result came back.
///
/// Thread safety: as a standard container.
class PartitionLag {
 public:
  void sent(std::int32_t partition, std::int64_t offset) {
    // What lies before the first record is not ours.
    const auto place = partitions_.try_emplace(partition, Offsets{offset, offset - 1}).first;
    place->second.sent = std::max(place->second.sent, offset);
  }
  /// A result may come before its record's acknowledgement.
  void processed(std::int32_t partition, std::int64_t offset) {
    const auto place = partitions_.try_emplace(partition, Offsets{offset, offset}).first;
    place->second.sent = std::max(place->second.sent, offset);
    place->second.processed = std::max(place->second.processed, offset);
  }
  /// Adds what another camera knows of the same topic.
  void merge(const PartitionLag& other) {
    for (const auto& [partition, offsets] : other.partitions_) {
      const auto [place, fresh] = partitions_.try_emplace(partition, offsets);
      if (fresh) continue;
      place->second.sent = std::max(place->second.sent, offsets.sent);
      place->second.processed = std::max(place->second.processed, offsets.processed);
    }
  }

  /// By partition.
  [[nodiscard]] std::map<std::int32_t, std::int64_t> lags() const {
    std::map<std::int32_t, std::int64_t> result;
    for (const auto& [partition, offsets] : partitions_) result[partition] = offsets.sent - offsets.processed;
    return result;
  }

 private:
  struct Offsets {
    std::int64_t sent;
    std::int64_t processed;
  };
  std::map<std::int32_t, Offsets> partitions_;
};

}  // namespace smart_camera

#endif  // SMART_CAMERA_PARTITION_LAG_H_
