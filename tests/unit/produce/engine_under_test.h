#ifndef CONVEYOR_TESTS_UNIT_PRODUCE_ENGINE_UNDER_TEST_H_
#define CONVEYOR_TESTS_UNIT_PRODUCE_ENGINE_UNDER_TEST_H_

#include <chrono>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "produce/producer_engine.h"
#include "support/collecting_observer.h"
#include "support/fake_clock.h"
#include "support/fake_producer_handle.h"

namespace conveyor::tests {

inline constexpr auto kFails = RD_KAFKA_RESP_ERR_OUT_OF_ORDER_SEQUENCE_NUMBER;

/// A producer whose clients are made of lists, on the test's own thread and clock.
class EngineUnderTest {
 public:
  explicit EngineUnderTest(const ProducerOptions& options = {}, const kafka::ProducerRecovery::Settings& recovery = {})
      : engine(config(), options, recovery,
               {.reporter = reporter,
                .make_handle = [this] { return cluster.make(); },
                .clock = clock,
                .random = [] { return 0.0; }}) {
    clock.on_wait = [this] { engine.run_once(); };
  }
  ~EngineUnderTest() { close(); }
  EngineUnderTest(const EngineUnderTest&) = delete;
  EngineUnderTest& operator=(const EngineUnderTest&) = delete;

  /// @return errc::ok when it was accepted
  errc send(int id, const SendOptions& options = {}) {
    auto made = numbered_send(
        id, [this, id](const Delivery& delivery) { resolved(id, delivery); }, options);
    const auto refusal = engine.queue().submit(std::move(made), 10, clock.now());
    return refusal ? refusal->code : errc::ok;
  }
  void send_all(int from, int to) {
    for (int id = from; id < to; ++id) send(id);
  }
  /// Lets the delivery thread do its rounds for so long, one each 10 ms.
  void run(std::chrono::milliseconds time = std::chrono::milliseconds(10)) {
    for (const auto until = clock.now() + time; clock.now() < until; clock.advance(std::chrono::milliseconds(10))) {
      engine.run_once();
    }
  }
  /// The client in use.
  [[nodiscard]] FakeProducerHandle& client() { return *cluster.clients.back(); }
  [[nodiscard]] ProducerCounters counters() const { return engine.queue().counters(); }
  /// Closes as a producer's destructor does, once.
  void close() {
    if (engine.stopped()) return;
    engine.close_queue();
    engine.stop();
    engine.end();
  }

  /// How often the send was resolved.
  [[nodiscard]] std::size_t times(int id) const { return outcomes.contains(id) ? outcomes.at(id).size() : 0; }
  /// What became of a send that was resolved once.
  [[nodiscard]] errc outcome(int id) const { return times(id) == 1 ? outcomes.at(id).front() : kUnresolved; }
  [[nodiscard]] bool all_once(int from, int to) const {
    for (int id = from; id < to; ++id) {
      if (times(id) != 1) return false;
    }
    return true;
  }

  static constexpr errc kUnresolved{-1};

  FakeClock clock;
  FakeCluster cluster;
  std::shared_ptr<CollectingObserver> observer = std::make_shared<CollectingObserver>();
  std::shared_ptr<kafka::Reporter> reporter = std::make_shared<kafka::Reporter>(observer);
  std::map<int, std::vector<errc>> outcomes;
  std::vector<int> order;  ///< in which sends were resolved
  std::string last_text;
  std::function<void(int)> on_resolved;
  kafka::ProducerEngine engine;

 private:
  static Config config() {
    Config config;
    config.bootstrap_servers = "broker:9092";
    return config;
  }
  void resolved(int id, const Delivery& delivery) {
    outcomes[id].push_back(static_cast<errc>(delivery.error.value()));
    order.push_back(id);
    last_text = delivery.error_text;
    if (on_resolved) on_resolved(id);
  }
};

}  // namespace conveyor::tests

#endif  // CONVEYOR_TESTS_UNIT_PRODUCE_ENGINE_UNDER_TEST_H_
