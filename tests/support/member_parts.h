#ifndef CONVEYOR_TESTS_SUPPORT_MEMBER_PARTS_H_
#define CONVEYOR_TESTS_SUPPORT_MEMBER_PARTS_H_

#include <cstddef>
#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "consume/member_context.h"
#include "consume/receiver.h"
#include "support/collecting_observer.h"
#include "support/fake_consumer_client.h"
#include "support/fake_member_clock.h"

namespace conveyor::tests {

/// Keeps what it is given until a test finishes it.
class KeepingReceiver : public worker::Receiver {
 public:
  void receive(std::span<worker::Incoming> incoming) override {
    ++calls;
    for (auto& one : incoming) kept.push_back(std::move(one));
  }
  std::size_t drop(const worker::Partition& partition) override {
    return std::erase_if(kept, [&](const worker::Incoming& one) {
      return drops && one.partition.get() == &partition && one.offset >= drops_from;
    });
  }
  void release(std::span<const worker::PartitionPtr> partitions, std::chrono::milliseconds within) override {
    releases.emplace_back(partitions.size(), within);
    if (on_release) on_release();
  }
  [[nodiscard]] std::vector<std::int64_t> offsets(std::int32_t partition = 0) const {
    std::vector<std::int64_t> offsets;
    for (const auto& one : kept) {
      if (one.partition->where.partition == partition) offsets.push_back(one.offset);
    }
    return offsets;
  }

  std::deque<worker::Incoming> kept;
  std::function<void()> on_release;
  int calls = 0;
  bool drops = false;           ///< what was not begun when a partition goes
  std::int64_t drops_from = 0;  ///< offsets below are begun
  std::vector<std::pair<std::size_t, std::chrono::milliseconds>> releases;
};

/// What the parts of a member are given, with nothing real in it.
struct MemberParts {
  explicit MemberParts(worker::MemberOptions given = {}) : options(std::move(given)) {
    if (options.topics.empty()) options.topics = {std::string(kTopic)};
    config.group = "readers";
    config.bootstrap_servers = "broker:9092";
    config.observer = observer;
  }

  [[nodiscard]] worker::MemberContext context() {
    return {.config = config,
            .options = options,
            .clock = clock,
            .reporter = reporter,
            .client = slot,
            .partitions = partitions,
            .counters = counters,
            .metadata_limit = metadata_limit,
            .failure = failure};
  }
  [[nodiscard]] worker::MakeLookup make_lookup() {
    return [this] {
      auto lookup = std::make_unique<FakeLookup>(clock, cluster);
      lookups.push_back(lookup.get());
      return lookup;
    };
  }
  /// One that is read, and has committed `committed`.
  worker::PartitionPtr add(std::int32_t number, std::optional<std::int64_t> committed = 0) {
    auto partition =
        std::make_shared<worker::Partition>(partition_of(number), worker::OffsetTracker(committed), nullptr, client);
    if (committed) {
      partition->log.stored();
      cluster.logs[number].committed = *committed;
    }
    partitions.push_back(partition);
    return partition;
  }
  /// Records from `first` on are read and finished.
  static void finish(worker::Partition& partition, std::int64_t first, std::int64_t end) {
    for (std::int64_t offset = first; offset < end; ++offset) {
      partition.tracker.read(offset);
      partition.tracker.finish(offset);
    }
  }
  [[nodiscard]] bool says(std::string_view text) const {
    const auto lines = observer->lines();
    return std::ranges::any_of(lines, [&](const std::string& line) { return line.find(text) != std::string::npos; });
  }

  FakeMemberClock clock;
  FakeCluster cluster;
  std::shared_ptr<CollectingObserver> observer = std::make_shared<CollectingObserver>();
  Config config;
  worker::MemberOptions options;
  kafka::Reporter reporter{observer};
  std::shared_ptr<kafka::Wakeup> wakeup = std::make_shared<kafka::Wakeup>();
  std::vector<FakeLookup*> lookups;
  std::shared_ptr<FakeConsumerClient> client = std::make_shared<FakeConsumerClient>(clock, cluster);
  worker::ClientSlot slot{[this] { return client; }};
  std::vector<worker::PartitionPtr> partitions;
  worker::MemberCounters counters;
  worker::MetadataLimit metadata_limit;
  std::optional<Error> failure;
};

}  // namespace conveyor::tests

#endif  // CONVEYOR_TESTS_SUPPORT_MEMBER_PARTS_H_
