#include "worker/failure_path.h"

#include <gtest/gtest.h>

#include <chrono>
#include <new>
#include <stdexcept>
#include <string>

namespace conveyor::worker {
namespace {

using Cause = Completion::Cause;
using Clock = FailurePath::Clock;
using Step = FailurePath::Next::Step;
using std::chrono::milliseconds;

constexpr Clock::time_point kNow{std::chrono::hours(1)};
constexpr double kHalf = 0.5;  // three quarters of a wait

RetryOptions options() {
  return {.attempts = 3,
          .initial_backoff = milliseconds(200),
          .max_backoff = milliseconds(4'000),
          .retry_timeout = milliseconds(10'000)};
}

Completion::Failure failure(bool retryable, Cause cause = Cause::kRecord) {
  return {.code = errc::handler_failed, .text = "the handler threw", .retryable = retryable, .cause = cause};
}

TEST(FailurePath, TriesARecordAgainWhoseFailureMayPass) {
  const FailurePath path{options()};
  const FailurePath::Next next = path.after(failure(true), Task{}, kNow, kHalf);
  EXPECT_EQ(next.step, Step::kRetry);
  EXPECT_EQ(next.due, kNow + milliseconds(150));
}

TEST(FailurePath, SendsToTheDeadLettersWhatDoesNotPass) {
  EXPECT_EQ(FailurePath{options()}.after(failure(false), Task{}, kNow, kHalf).step, Step::kDeadLetter);
}

TEST(FailurePath, SendsToTheDeadLettersAfterTheLastAttempt) {
  const FailurePath path{options()};
  EXPECT_EQ(path.after(failure(true), {.incoming = {}, .attempt = 2, .first_failure = kNow}, kNow, kHalf).step,
            Step::kRetry);
  EXPECT_EQ(path.after(failure(true), {.incoming = {}, .attempt = 3, .first_failure = kNow}, kNow, kHalf).step,
            Step::kDeadLetter);
}

TEST(FailurePath, CountsTheTimeFromTheFirstFailure) {
  const FailurePath path{options()};
  const auto long_ago = kNow - milliseconds(10'000);
  EXPECT_EQ(path.after(failure(true), {.incoming = {}, .attempt = 2, .first_failure = long_ago}, kNow, kHalf).step,
            Step::kDeadLetter);
}

// It says nothing of the record, which would be as well off tomorrow.
TEST(FailurePath, HoldsARecordWhoseOutputIsNotTakenForAsLongAsItTakes) {
  const FailurePath path{options()};
  for (const int holds : {0, 1, 1'000}) {
    const Task task{.incoming = {}, .attempt = 3, .holds = holds, .first_failure = kNow - std::chrono::hours(1)};
    for (const bool retryable : {false, true}) {
      EXPECT_EQ(path.after(failure(retryable, Cause::kChannel), task, kNow, kHalf).step, Step::kHold) << holds;
    }
  }
}

TEST(FailurePath, DoublesTheWaitWithEachHold) {
  const FailurePath path{options()};
  const auto wait = [&](int holds) {
    return path.after(failure(false, Cause::kChannel), {.incoming = {}, .holds = holds}, kNow, kHalf).due - kNow;
  };
  EXPECT_EQ(wait(0), milliseconds(150));
  EXPECT_EQ(wait(1), milliseconds(300));
  EXPECT_EQ(wait(2), milliseconds(600));
  EXPECT_EQ(wait(1'000), milliseconds(3'000));
}

// Retries without a wait are well for handlers; brokers would be asked without a pause.
TEST(FailurePath, HoldsForATenthOfASecondAtLeast) {
  const FailurePath path{{.initial_backoff = milliseconds(0), .max_backoff = milliseconds(0)}};
  EXPECT_EQ(path.after(failure(true), Task{}, kNow, kHalf).due, kNow);
  EXPECT_EQ(path.after(failure(true, Cause::kChannel), Task{}, kNow, kHalf).due, kNow + milliseconds(75));
  EXPECT_EQ(path.after(failure(true, Cause::kChannel), {.incoming = {}, .holds = 10}, kNow, kHalf).due,
            kNow + milliseconds(750));
}

TEST(FailurePath, StopsTheWorkerWhoseProducerSendsNothingMore) {
  const FailurePath path{options()};
  EXPECT_EQ(path.after(failure(true, Cause::kClient), Task{}, kNow, kHalf).step, Step::kStop);
  EXPECT_EQ(path.after_dead_letter(errc::fatal, Task::PendingDeadLetter{}, kNow, kHalf).step, Step::kStop);
}

TEST(FailurePath, WritesADeadLetterAgainForAsLongAsItTakes) {
  const FailurePath path{options()};
  for (const errc code : {errc::unknown_topic, errc::not_authorized, errc::timed_out, errc::delivery_failed}) {
    EXPECT_EQ(path.after_dead_letter(code, {.attempts = 1'000}, kNow, kHalf).step, Step::kHold);
  }
  EXPECT_EQ(path.after_dead_letter(errc::timed_out, Task::PendingDeadLetter{}, kNow, kHalf).due,
            kNow + milliseconds(150));
  EXPECT_EQ(path.after_dead_letter(errc::timed_out, {.attempts = 1}, kNow, kHalf).due, kNow + milliseconds(300));
}

TEST(FailurePath, StopsWhenEvenTheSmallDeadLetterIsTooLarge) {
  const FailurePath path{options()};
  EXPECT_EQ(path.after_dead_letter(errc::message_too_large, {.small = false}, kNow, kHalf).step, Step::kHold);
  EXPECT_EQ(path.after_dead_letter(errc::message_too_large, {.small = true}, kNow, kHalf).step, Step::kStop);
  EXPECT_EQ(path.after_dead_letter(errc::timed_out, {.small = true}, kNow, kHalf).step, Step::kHold);
}

struct DbError : std::runtime_error {
  DbError() : std::runtime_error("deadlock") {}
};
struct LostConnection : DbError {};
struct OwnError : Error {
  explicit OwnError(bool passes) : Error(errc::fatal, "own"), may_pass(passes) {}
  [[nodiscard]] bool retryable() const noexcept override { return may_pass; }
  bool may_pass;
};

TEST(FailurePath, AsksAnErrorWhetherItMayPass) {
  const FailurePath path{options()};
  EXPECT_TRUE(path.may_pass(RetryableError("busy")));
  EXPECT_TRUE(path.may_pass(OwnError(true)));
  EXPECT_FALSE(path.may_pass(OwnError(false)));
  for (const errc code : {errc::retryable, errc::queue_full, errc::timed_out, errc::broker_unreachable}) {
    EXPECT_TRUE(path.may_pass(Error(code, "x"))) << make_error_code(code).message();
  }
  for (const errc code :
       {errc::decode, errc::encode, errc::message_too_large, errc::unknown_topic, errc::not_authorized,
        errc::invalid_config, errc::possibly_delivered, errc::handler_failed, errc::fatal}) {
    EXPECT_FALSE(path.may_pass(Error(code, "x"))) << make_error_code(code).message();
  }
}

TEST(FailurePath, TakesOtherExceptionsForFinalUnlessTheOptionsSayOtherwise) {
  EXPECT_FALSE(FailurePath{options()}.may_pass(DbError()));
  const FailurePath path{{.also = RetryOptions::on<DbError, std::bad_alloc>()}};
  EXPECT_TRUE(path.may_pass(DbError()));
  EXPECT_TRUE(path.may_pass(LostConnection()));
  EXPECT_TRUE(path.may_pass(std::bad_alloc()));
  EXPECT_FALSE(path.may_pass(std::runtime_error("x")));
  EXPECT_TRUE(path.may_pass(RetryableError("busy"))) << "beside what says so itself";
  EXPECT_TRUE(FailurePath{{.also = [](const std::exception& e) { return std::string(e.what()) == "x"; }}}.may_pass(
      std::runtime_error("x")));
}

}  // namespace
}  // namespace conveyor::worker
