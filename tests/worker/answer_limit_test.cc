#include "worker/answer_limit.h"

#include <gtest/gtest.h>

#include <vector>

namespace conveyor::worker {
namespace {

using namespace std::chrono_literals;
using std::chrono::milliseconds;

TEST(AnswerLimit, CountsAnAnswerThatComesInTime) {
  AnswerLimit limit;
  EXPECT_EQ(limit.within(), 250ms);
  EXPECT_TRUE(limit.counts(0ms));
  EXPECT_TRUE(limit.counts(250ms));
  EXPECT_FALSE(limit.counts(251ms));
}

TEST(AnswerLimit, AllowsTwiceAsLongAfterEachThatIsLateOrMissing) {
  AnswerLimit limit;
  std::vector<milliseconds> waited;
  for (bool late = false; !limit.counts(late ? std::optional(limit.within() + 1ms) : std::nullopt); late = !late) {
    waited.push_back(limit.within());
  }
  EXPECT_EQ(waited, (std::vector<milliseconds>{500ms, 1s, 2s, 4s})) << "and then it goes on without";
  EXPECT_EQ(limit.within(), 250ms) << "for the next commit anew";
}

TEST(AnswerLimit, BeginsAnewAfterOneThatCounted) {
  AnswerLimit limit;
  EXPECT_FALSE(limit.counts({}));
  EXPECT_FALSE(limit.counts({}));
  EXPECT_TRUE(limit.counts(900ms));
  EXPECT_EQ(limit.within(), 250ms);
}

}  // namespace
}  // namespace conveyor::worker
