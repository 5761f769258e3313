#ifndef CONVEYOR_SRC_CONSUME_METADATA_LIMIT_H_
#define CONVEYOR_SRC_CONSUME_METADATA_LIMIT_H_

#include <atomic>
#include <cstddef>

#include "consume/commit_metadata.h"

namespace conveyor::worker {

/// How much commit metadata the brokers accept (offset.metadata.max.bytes). This is known only once they refuse some.
///
/// Thread safety: all functions may be called from any thread.
class MetadataLimit {
 public:
  static constexpr std::size_t kShortMetadata = 256;  ///< enough for everything but the finished offsets

  /// In bytes; 0: commits carry no metadata.
  [[nodiscard]] std::size_t bytes() const noexcept { return bytes_.load(std::memory_order_relaxed); }
  /// The brokers refused this size. @return the new limit
  std::size_t shorten() noexcept {
    const std::size_t shorter = bytes() > kShortMetadata ? kShortMetadata : 0;
    bytes_.store(shorter, std::memory_order_relaxed);
    return shorter;
  }

 private:
  std::atomic<std::size_t> bytes_{kLargestMetadata};
};

}  // namespace conveyor::worker

#endif  // CONVEYOR_SRC_CONSUME_METADATA_LIMIT_H_
