#include "produce/pending_inputs.h"

#include <gtest/gtest.h>

#include <deque>
#include <random>
#include <set>
#include <vector>

#include "conveyor/error.h"

namespace conveyor::detail {
namespace {

std::vector<int> finished(PendingInputs<int>& inputs, std::uint64_t resolved) {
  std::vector<int> found;
  while (const auto input = inputs.next_finished(resolved)) found.push_back(*input);
  return found;
}

using Inputs = std::vector<int>;

TEST(PendingInputs, AnInputForWhichNothingWasSentIsFinishedAtOnce) {
  PendingInputs<int> inputs;
  inputs.add(1, 0);
  EXPECT_EQ(finished(inputs, 0), (Inputs{1}));
  EXPECT_TRUE(inputs.empty());
}

TEST(PendingInputs, InputsAreFinishedInTheirOrderOnceTheirSendsAreResolved) {
  PendingInputs<int> inputs;
  inputs.add(1, 2);
  inputs.add(2, 2);
  inputs.add(3, 5);
  EXPECT_EQ(finished(inputs, 1), Inputs{});
  EXPECT_EQ(finished(inputs, 2), (Inputs{1, 2}));
  EXPECT_EQ(finished(inputs, 4), Inputs{});
  EXPECT_EQ(finished(inputs, 5), (Inputs{3}));
}

TEST(PendingInputs, AFailedSendHoldsBackItsInputAndAllBehindIt) {
  PendingInputs<int> inputs;
  inputs.add(1, 1);
  inputs.add(2, 3);
  inputs.add(3, 3);
  EXPECT_TRUE(inputs.failed(3, errc::timed_out, "late"));
  EXPECT_EQ(finished(inputs, 3), (Inputs{1}));
  ASSERT_TRUE(inputs.failure());
  EXPECT_EQ(inputs.failure()->code, errc::timed_out);
  EXPECT_EQ(inputs.take_back(3), (std::deque<int>{2, 3}));
  EXPECT_FALSE(inputs.failure());
  EXPECT_TRUE(inputs.empty());
}

TEST(PendingInputs, TheFirstFailedSendIsTheOneThatIsTold) {
  PendingInputs<int> inputs;
  inputs.add(1, 1);
  inputs.add(2, 2);
  EXPECT_TRUE(inputs.failed(2, errc::timed_out, "second"));
  EXPECT_TRUE(inputs.failed(1, errc::delivery_failed, "first"));
  EXPECT_FALSE(inputs.failed(3, errc::timed_out, "third"));
  EXPECT_EQ(inputs.failure()->text, "first");
  EXPECT_EQ(finished(inputs, 3), Inputs{});
}

TEST(PendingInputs, SendsOfInputsThatWereTakenBackAreNotAskedAbout) {
  PendingInputs<int> inputs;
  inputs.add(1, 4);
  inputs.failed(2, errc::timed_out, "x");
  EXPECT_EQ(inputs.take_back(6), (std::deque<int>{1}));
  EXPECT_FALSE(inputs.failed(3, errc::timed_out, "also of the first attempt"));
  EXPECT_FALSE(inputs.failed(6, errc::timed_out, "the last begun before"));
  inputs.add(1, 7);
  EXPECT_EQ(finished(inputs, 7), (Inputs{1}));
  inputs.add(2, 8);
  EXPECT_TRUE(inputs.failed(8, errc::timed_out, "of a later one"));
}

// Whatever is resolved when: no input is finished before its last attempt's sends are resolved without a failure, and
// in the end every one is, in order.
TEST(PendingInputs, NeverFinishesAnInputOneOfWhoseSendsFailed) {
  const auto seed = std::random_device{}();
  SCOPED_TRACE(testing::Message() << "seed " << seed);
  std::mt19937 random(seed);
  for (int history = 0; history < 200; ++history) {
    constexpr int kInputs = 30;
    PendingInputs<int> inputs;
    std::deque<int> todo;
    for (int i = 0; i < kInputs; ++i) todo.push_back(i);
    std::vector<bool> resolved;                              // by send, from 1
    std::vector<std::set<std::uint64_t>> sends_of(kInputs);  // of the last attempt
    std::set<std::uint64_t> failed;
    std::vector<int> done;
    while (done.size() < kInputs) {
      if (!todo.empty() && random() % 2 == 0) {
        const int input = todo.front();
        todo.pop_front();
        sends_of[static_cast<std::size_t>(input)].clear();
        for (unsigned i = random() % 3; i > 0; --i) {
          resolved.push_back(false);
          sends_of[static_cast<std::size_t>(input)].insert(resolved.size());
        }
        inputs.add(input, resolved.size());
      }
      std::uint64_t up_to = 0;
      while (up_to < resolved.size() && resolved[up_to]) ++up_to;
      if (up_to < resolved.size()) {
        const std::uint64_t send = up_to + 1 + random() % (resolved.size() - up_to);
        if (!resolved[send - 1] && random() % 20 == 0) {
          failed.insert(send);
          inputs.failed(send, errc::timed_out, "x");
        }
        resolved[send - 1] = true;
        while (up_to < resolved.size() && resolved[up_to]) ++up_to;
      }
      while (const auto input = inputs.next_finished(up_to)) {
        done.push_back(*input);
        for (const auto send : sends_of[static_cast<std::size_t>(*input)]) {
          EXPECT_TRUE(resolved[send - 1]) << "input " << *input;
          EXPECT_FALSE(failed.contains(send)) << "input " << *input;
        }
      }
      if (inputs.failure() && random() % 3 == 0) {
        auto again = inputs.take_back(resolved.size());
        todo.insert(todo.begin(), again.begin(), again.end());
      }
    }
    for (int i = 0; i < kInputs; ++i) EXPECT_EQ(done[static_cast<std::size_t>(i)], i);
  }
}

}  // namespace
}  // namespace conveyor::detail
