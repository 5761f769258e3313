// hot_path_instructions: sends and receives scans of each size through an embedded broker under callgrind, which writes
// a dump "SIZE MESSAGES" for each batch of messages, of what was collected from its first send to its last message.
// instructions.sh starts it, and says in which functions callgrind collects.

#include <valgrind/callgrind.h>

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <exception>
#include <list>
#include <string>
#include <vector>

#include "conveyor/config.h"
#include "conveyor/consumer.h"
#include "conveyor/message.h"
#include "conveyor/producer.h"
#include "conveyor/testing/embedded_broker.h"
#include "quality/hot_path/scans.h"
#include "support/waiting.h"

namespace conveyor::tests {

// What users call, with what our headers have inline. Callgrind collects in these two, so that they must remain
// functions.
[[gnu::noinline]] void send_one(Producer& producer, const Size& size, const egg::v1::EggScan& scan);
[[gnu::noinline]] const Message<egg::v1::EggScan>* receive_one(Consumer<egg::v1::EggScan>& consumer,
                                                               std::chrono::seconds within);

void send_one(Producer& producer, const Size& size, const egg::v1::EggScan& scan) { producer.send(size.channel, scan); }
const Message<egg::v1::EggScan>* receive_one(Consumer<egg::v1::EggScan>& consumer, std::chrono::seconds within) {
  return consumer.next(within);
}

}  // namespace conveyor::tests

namespace {

using conveyor::Consumer;
using conveyor::egg::v1::EggScan;
using conveyor::tests::eventually;
using conveyor::tests::kSizes;
using conveyor::tests::Size;

constexpr std::chrono::seconds kPatience{60};  // callgrind takes fifty times as long, and the machine may be busy
constexpr int kWarmUp = 20;                    // fills pools, scratch memory and caches
constexpr int kBatches = 5;                    // the least of them is the figure

[[noreturn]] void fail(const std::string& why) {
  std::fprintf(stderr, "hot_path_instructions: %s\n", why.c_str());
  std::exit(1);
}

/// One size's way, from the producer to the consumer.
class Way {
 public:
  Way(const Size& size, conveyor::Producer& producer, Consumer<EggScan>& consumer)
      : size_(size), producer_(producer), consumer_(consumer) {}

  /// Sends them all before any goes out, and takes the first when all have come: neither side waits for the other,
  /// which would be counted as its work.
  void pass(int messages) {
    const auto count = static_cast<std::uint64_t>(messages);
    const std::uint64_t before = consumer_.counters().received;
    for (int i = 0; i < messages; ++i) conveyor::tests::send_one(producer_, size_, scan(i));
    if (producer_.flush(kPatience).delivered != count) fail("not every send was delivered");
    if (!eventually([&] { return consumer_.counters().received - before == count; }, kPatience)) {
      fail("not every message came to the consumer");
    }
    for (int i = 0; i < messages; ++i) {
      const auto* message = conveyor::tests::receive_one(consumer_, kPatience);
      if (message == nullptr || message->value().scan_data() != scan(i).scan_data()) {
        fail("another message came than was sent");
      }
    }
    consumer_.done();
    if (!eventually([&] { return consumer_.counters().in_flight == 0; }, kPatience)) fail("a message stays undone");
  }

 private:
  [[nodiscard]] const EggScan& scan(int number) const {
    return scans_[static_cast<std::size_t>(number) % scans_.size()];
  }

  const Size& size_;
  const std::vector<EggScan> scans_ = conveyor::tests::scans_of(size_);
  conveyor::Producer& producer_;
  Consumer<EggScan>& consumer_;
};

}  // namespace

int main() try {
  conveyor::testing::EmbeddedBroker broker;
  conveyor::Config config = broker.config();
  config.properties["session.timeout.ms"] = "60000";  // heartbeats come late under callgrind
  config.properties["linger.ms"] = "60000";           // until flush
  // Groups get their partitions after three seconds, all at the same time.
  std::list<Consumer<EggScan>> consumers;
  for (const Size& size : kSizes) {
    broker.create_topic(size.channel.topic(), 1);
    config.group = size.name;
    consumers.emplace_back(config, size.channel);
  }
  for (const auto& consumer : consumers) {
    if (!eventually([&] { return consumer.counters().partitions == 1; }, kPatience)) fail("a group got no partition");
  }

  conveyor::Producer producer{config};
  CALLGRIND_START_INSTRUMENTATION;
  auto consumer = consumers.begin();
  for (const Size& size : kSizes) {
    Way way(size, producer, *consumer++);
    way.pass(kWarmUp);
    const std::string name = std::string(size.name) + " " + std::to_string(size.messages);
    for (int batch = 0; batch < kBatches; ++batch) {
      CALLGRIND_ZERO_STATS;
      way.pass(size.messages);
      CALLGRIND_DUMP_STATS_AT(name.c_str());
    }
  }
  CALLGRIND_STOP_INSTRUMENTATION;
  return 0;
} catch (const std::exception& error) {
  fail(error.what());
}
