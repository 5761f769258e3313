#include "worker/task_events.h"

#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <vector>

#include "support/collecting_observer.h"

namespace conveyor::worker {
namespace {

using std::chrono::milliseconds;

class TaskEvents : public ::testing::Test {
 protected:
  TaskEvents() {
    task_.incoming.partition =
        std::make_shared<Partition>(kafka::TopicPartition{"orders", 3}, OffsetTracker(), nullptr);
    task_.incoming.offset = 17;
    task_.attempt = 2;
  }
  /// The only event that there was, which must be about the task.
  [[nodiscard]] std::string text_of(Event::Kind kind) const {
    const auto events = observer_->events(kind);
    if (events.size() != 1) return std::to_string(events.size()) + " events";
    EXPECT_EQ(events[0].topic, "orders");
    EXPECT_EQ(events[0].partition, 3);
    EXPECT_EQ(events[0].offset, 17);
    return events[0].text;
  }

  const std::shared_ptr<tests::CollectingObserver> observer_ = std::make_shared<tests::CollectingObserver>();
  kafka::Reporter reporter_{observer_};
  Task task_;
  Completion::Failure failure_{.code = errc::handler_failed, .text = "the handler threw: no disk"};
};

TEST_F(TaskEvents, SayWhichAttemptFailedAndWhenTheNextComes) {
  report_retry(reporter_, task_, failure_, milliseconds(150));
  EXPECT_EQ(text_of(Event::Kind::kRetried),
            "record orders [3] at offset 17, attempt 2: the handler threw: no disk; trying again in 150 ms");
  EXPECT_EQ(observer_->lines(), (std::vector<std::string>{text_of(Event::Kind::kRetried)})) << "and log it";
}

TEST_F(TaskEvents, SayThatARecordIsHeld) {
  report_hold(reporter_, task_, {.text = "no such topic"}, milliseconds(75));
  EXPECT_EQ(text_of(Event::Kind::kOutputFailed),
            "record orders [3] at offset 17 waits: no such topic; nothing past it is committed, trying again in 75 ms");
}

TEST_F(TaskEvents, SayThatARecordWasNotHandled) {
  report_not_handled(reporter_, task_, failure_);
  EXPECT_EQ(text_of(Event::Kind::kHandlerFailed),
            "record orders [3] at offset 17 was not handled, attempt 2: the handler threw: no disk");
}

TEST_F(TaskEvents, SayWhyARecordIsNotHandledAgain) {
  task_.dead_letter = Task::PendingDeadLetter{.stage = DeadLetterStage::kCrash,
                                              .error = "the process died 3 times while it handled this record"};
  report_condemned(reporter_, task_);
  EXPECT_EQ(text_of(Event::Kind::kHandlerFailed),
            "record orders [3] at offset 17 is not handled again: the process died 3 times while it handled this "
            "record");
}

TEST_F(TaskEvents, SayWhereADeadLetterLies) {
  task_.dead_letter = Task::PendingDeadLetter{.stage = DeadLetterStage::kHandler, .error = "no disk"};
  report_dead_letter(reporter_, task_, "orders-dlt [3] at offset 5");
  EXPECT_EQ(text_of(Event::Kind::kDeadLettered),
            "record orders [3] at offset 17 went to orders-dlt [3] at offset 5, stage handler: no disk");
}

TEST_F(TaskEvents, SayWhyADeadLetterWasNotWritten) {
  report_dead_letter_failed(reporter_, task_,
                            {.error = errc::timed_out, .error_text = "no answer", .topic = "orders-dlt"},
                            milliseconds(300));
  EXPECT_EQ(text_of(Event::Kind::kDeadLetterFailed),
            "the dead letter of record orders [3] at offset 17 could not be written to orders-dlt: no answer; nothing "
            "past it is committed, trying again in 300 ms");
}

TEST_F(TaskEvents, NameTheSettingThatLetsAWorkerGoOn) {
  task_.dead_letter = Task::PendingDeadLetter{.stage = DeadLetterStage::kDecode, .error = "no message of that type"};
  EXPECT_EQ(
      why_not_skipped(task_),
      "record orders [3] at offset 17 cannot be handled: no message of that type; the worker stops rather than "
      "skip it. Set WorkerOptions::dead_letter.enabled, or that of the channel's HandlerOptions, to go on without it");
}

TEST_F(TaskEvents, NameTheTopicsPropertyThatADeadLetterIsTooLargeFor) {
  const Delivery too_large{.error = errc::message_too_large, .error_text = "1 MiB are allowed", .topic = "orders-dlt"};
  EXPECT_EQ(why_dead_letter_is_given_up(task_, too_large),
            "the dead letter of record orders [3] at offset 17 is larger than topic orders-dlt takes: 1 MiB are "
            "allowed; raise its max.message.bytes");
  EXPECT_EQ(why_dead_letter_is_given_up(task_, {.error = errc::fatal, .error_text = "fenced", .topic = "orders-dlt"}),
            "the dead letter of record orders [3] at offset 17 cannot be written: fenced");
}

}  // namespace
}  // namespace conveyor::worker
