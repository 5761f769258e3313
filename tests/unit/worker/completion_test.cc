#include "worker/completion.h"

#include <gtest/gtest.h>

#include <memory>
#include <thread>
#include <vector>

namespace conveyor::worker {
namespace {

class Recorded final : public Completion {
 public:
  int ends = 0;
  std::optional<Failure> failure;

 private:
  void end(std::optional<Failure> given) override {
    ++ends;
    failure = std::move(given);
  }
};

TEST(Completion, EndsWhenTheHandlerReturnedAndNothingWasSent) {
  Recorded completion;
  EXPECT_EQ(completion.ends, 0);
  completion.arrive();
  EXPECT_EQ(completion.ends, 1);
  EXPECT_FALSE(completion.failure);
}

TEST(Completion, WaitsForEveryOutputHoweverTheyAreOrdered) {
  Recorded completion;
  completion.expect();
  completion.expect();
  completion.arrive();  // an acknowledgement that was quicker than the handler
  completion.arrive();
  EXPECT_EQ(completion.ends, 0);
  completion.arrive();
  EXPECT_EQ(completion.ends, 1);
}

TEST(Completion, KeepsTheFirstFailure) {
  Recorded completion;
  completion.expect();
  completion.arrive(Completion::Failure{errc::timed_out, "first"});
  completion.arrive(Completion::Failure{errc::handler_failed, "second"});
  ASSERT_TRUE(completion.failure);
  EXPECT_EQ(completion.failure->text, "first");
  EXPECT_EQ(completion.ends, 1);
}

TEST(Completion, EndsOnceWhenManyThreadsArrive) {
  for (int round = 0; round < 200; ++round) {
    Recorded completion;
    for (int i = 0; i < 3; ++i) completion.expect();
    std::vector<std::jthread> threads;
    for (int i = 0; i < 4; ++i) threads.emplace_back([&] { completion.arrive(); });
    threads.clear();
    ASSERT_EQ(completion.ends, 1);
  }
}

}  // namespace
}  // namespace conveyor::worker
