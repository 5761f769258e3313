#ifndef CONVEYOR_TESTS_UNIT_TRANSACTIONS_TRANSACTIONS_UNDER_TEST_H_
#define CONVEYOR_TESTS_UNIT_TRANSACTIONS_TRANSACTIONS_UNDER_TEST_H_

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include "support/collecting_observer.h"
#include "support/fake_clock.h"
#include "support/fake_transactional_producer.h"
#include "transactions/transaction_engine.h"

namespace conveyor::tests {

/// Which input: the number of its partition, and its offset.
using InputId = std::pair<std::int32_t, std::int64_t>;

/// Keeps how inputs end.
class CollectingListener final : public worker::TransactionListener {
 public:
  enum class Ending { kCommitted, kHandedBack, kUncommitted };

  void committed(const worker::FinishedInput& input, std::optional<worker::TransactedOffset> stored) override {
    if (throws) throw std::runtime_error("no memory for this");
    endings[id_of(input.task)].push_back(Ending::kCommitted);
    if (stored) stored_offsets.push_back(stored->offset);
  }
  void output_failed(worker::Task task, std::error_code code, const std::string& text) override {
    const InputId id = id_of(task);
    endings[id].push_back(Ending::kHandedBack);
    last_text = text;
    last_code = code;
    if (on_handed_back) on_handed_back(std::move(task));
  }
  void uncommitted(worker::FinishedInput input) override { endings[id_of(input.task)].push_back(Ending::kUncommitted); }
  void failed(const Error& error) override {
    failures.push_back(static_cast<errc>(error.code().value()));
    last_text = error.what();
  }
  void broke(const char* what) noexcept override {
    ++broken;
    last_text = what;
  }

  [[nodiscard]] static InputId id_of(const worker::Task& task) {
    return {task.incoming.partition->where.partition, task.incoming.offset};
  }
  /// How inputs ended that ended once.
  [[nodiscard]] std::vector<InputId> that(Ending ending) const {
    std::vector<InputId> found;
    for (const auto& [id, all] : endings) {
      if (all == std::vector{ending}) found.push_back(id);
    }
    return found;
  }

  std::map<InputId, std::vector<Ending>> endings = {};
  std::vector<std::int64_t> stored_offsets = {};
  std::vector<errc> failures = {};
  int broken = 0;
  std::string last_text = {};
  std::error_code last_code = {};
  bool throws = false;
  std::function<void(worker::Task)> on_handed_back;
};

/// Transactions on the test's own thread and clock, with brokers made of lists.
class TransactionsUnderTest {
 public:
  using Ending = CollectingListener::Ending;
  using milliseconds = std::chrono::milliseconds;

  explicit TransactionsUnderTest(std::size_t most_kept = std::size_t{1} << 20)
      : engine(config, {.enabled = true, .instance = "0"}, most_kept,
               {.reporter = reporter,
                .make_client = [this] { return brokers.make(); },
                .group = group,
                .listener = listener,
                .clock = clock}) {
    clock.on_wait = [this] { while_waiting(); };
  }

  /// A partition of which the group has an offset.
  worker::PartitionPtr add(std::int32_t number, std::int64_t committed = 0) {
    auto partition = std::make_shared<worker::Partition>(kafka::TopicPartition{"images", number},
                                                         worker::OffsetTracker(committed), nullptr);
    partition->log.stored();
    brokers.committed[number] = committed;
    return partition;
  }
  static worker::Task task(const worker::PartitionPtr& partition, std::int64_t offset) {
    worker::Task made;
    made.incoming.partition = partition;
    made.incoming.offset = offset;
    return made;
  }
  static int output_of(const worker::PartitionPtr& partition, std::int64_t offset) {
    return partition->where.partition * 100'000 + static_cast<int>(offset);
  }
  /// The input was handled, with one output that has its number.
  void finish(const worker::PartitionPtr& partition, std::int64_t offset, std::size_t bytes = sizeof(int)) {
    worker::Outputs outputs;
    outputs.push_back(numbered_send(output_of(partition, offset), {}, {}, bytes));
    engine.queue().finish(task(partition, offset), std::move(outputs));
  }
  void handle(const worker::PartitionPtr& partition, std::int64_t from, std::int64_t end) {
    for (auto offset = from; offset < end; ++offset) engine.queue().begin(partition, offset);
    for (auto offset = from; offset < end; ++offset) finish(partition, offset);
  }

  /// Until nothing is to be done any more but wait for inputs.
  void run() {
    try {
      while (engine.run_once()) {
      }
      ended = true;
    } catch (const NothingToDo&) {
    }
  }
  /// Happens when the clock has come so far.
  void in(milliseconds time, std::function<void()> what) { planned_.emplace(clock.now() + time, std::move(what)); }
  bool release(const worker::PartitionPtr& partition, milliseconds within = milliseconds(0)) {
    const bool released = engine.queue().release(std::span(&partition, 1), within);
    if (released) brokers.left.insert(partition->where.partition);
    return released;
  }
  /// Once, when a client is asked for this step.
  void at(TransactionStep step, std::function<void()> what) {
    brokers.on_call = [this, step, what = std::move(what)](TransactionStep asked) {
      if (asked != step) return;
      const auto once = std::exchange(brokers.on_call, nullptr);
      what();
    };
  }

  [[nodiscard]] bool says(std::string_view text) const {
    const auto lines = observer->lines();
    return std::ranges::any_of(lines, [&](const auto& line) { return line.find(text) != std::string::npos; });
  }
  [[nodiscard]] milliseconds passed() const { return std::chrono::duration_cast<milliseconds>(clock.now() - began_); }
  [[nodiscard]] std::vector<InputId> committed() const { return listener.that(Ending::kCommitted); }
  [[nodiscard]] std::vector<InputId> uncommitted() const { return listener.that(Ending::kUncommitted); }
  [[nodiscard]] std::vector<InputId> handed_back() const { return listener.that(Ending::kHandedBack); }

  FakeClock clock;
  FakeTransactionBrokers brokers{clock};
  FakeGroupOffsets group{brokers};
  CollectingListener listener;
  std::shared_ptr<CollectingObserver> observer = std::make_shared<CollectingObserver>();
  std::shared_ptr<kafka::Reporter> reporter = std::make_shared<kafka::Reporter>(observer);
  Config config = config_of();
  bool ended = false;  ///< run_once() said so
  std::function<void()> on_wait;
  worker::TransactionEngine engine;

 private:
  struct NothingToDo {};

  static Config config_of() {
    Config config;
    config.group = "readers";
    config.bootstrap_servers = "broker:9092";
    return config;
  }
  void while_waiting() {
    if (passed() > std::chrono::hours(1)) throw std::logic_error("this would be waited for for ever");
    if (clock.waits_until - clock.now() > std::chrono::hours(1) && planned_.empty()) throw NothingToDo{};
    while (!planned_.empty() && planned_.begin()->first <= clock.now()) {
      const auto next = planned_.extract(planned_.begin());
      next.mapped()();
    }
    if (on_wait) on_wait();
  }

  std::multimap<FakeClock::TimePoint, std::function<void()>> planned_;
  const FakeClock::TimePoint began_ = clock.now();
};

/// Inputs of a partition, from one offset up to another.
[[nodiscard]] inline std::vector<InputId> inputs(std::int32_t partition, std::int64_t from, std::int64_t end) {
  std::vector<InputId> ids;
  for (auto offset = from; offset < end; ++offset) ids.emplace_back(partition, offset);
  return ids;
}

}  // namespace conveyor::tests

#endif  // CONVEYOR_TESTS_UNIT_TRANSACTIONS_TRANSACTIONS_UNDER_TEST_H_
