#ifndef CONVEYOR_TESTS_SUPPORT_RIGHTS_H_
#define CONVEYOR_TESTS_SUPPORT_RIGHTS_H_

#include <gtest/gtest.h>

#include <chrono>
#include <memory>
#include <set>

#include "conveyor/consumer.h"
#include "conveyor/worker.h"
#include "support/collecting_observer.h"
#include "support/secured_broker.h"

namespace conveyor::tests {

/// alice, who may read what a service reads, and a worker of hers that turns images into predictions of the same
/// number.
class Rights : public testing::Test {
 protected:
  Rights() {
    config.group = stage.group;
    config.observer = observer;
    stage.let_read();
  }

  [[nodiscard]] static WorkerOptions options() {
    return {.drain_timeout = std::chrono::seconds(2),
            .retry = {.attempts = 2, .initial_backoff = std::chrono::milliseconds(20)},
            .dead_letter = {.enabled = true}};
  }
  [[nodiscard]] static WorkerOptions in_transactions() {
    WorkerOptions options = Rights::options();
    options.exactly_once = {.enabled = true, .instance = "0"};
    return options;
  }
  void transform(Worker& worker) const {
    worker.transform(stage.input, stage.output, [](const Message<v1::Image>& message) {
      v1::Prediction prediction;
      prediction.set_frame(message.value().frame());
      return prediction;
    });
  }
  [[nodiscard]] bool told(Event::Kind kind) const { return !observer->events(kind).empty(); }
  /// Each input has at least one output, and none is among the dead letters.
  void expect_all_out(int count) const {
    Consumer consumer(new_config(), stage.output);
    std::set<std::int64_t> frames;
    while (frames.size() < static_cast<std::size_t>(count)) {
      const auto* message = consumer.next(std::chrono::seconds(20));
      ASSERT_NE(message, nullptr) << frames.size();
      frames.insert(message->value().frame());
    }
    EXPECT_EQ(records_in(stage.dead_letters, 0), 0U);
  }

  const std::shared_ptr<CollectingObserver> observer = std::make_shared<CollectingObserver>();
  Stage stage{"alice"};
  Config config = as_alice();
};

}  // namespace conveyor::tests

#endif  // CONVEYOR_TESTS_SUPPORT_RIGHTS_H_
