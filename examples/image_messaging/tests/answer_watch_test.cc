#include "answer_watch.h"

#include <gtest/gtest.h>

namespace image_messaging {
namespace {

using namespace std::chrono_literals;

constexpr AnswerWatch::Time kStart{1h};

TEST(AnswerWatch, IsFullUntilAFrameIsAnswered) {
  AnswerWatch watch("camera/1", 2, 1'000, 10s);
  watch.sent(0, 1, kStart);
  EXPECT_FALSE(watch.full());
  watch.sent(1, 1, kStart + 40ms);
  EXPECT_TRUE(watch.full());
  EXPECT_EQ(watch.answered(watch.key(1), 1), kStart + 40ms);
  EXPECT_FALSE(watch.full());
  EXPECT_FALSE(watch.idle());
  EXPECT_EQ(watch.answered(watch.key(0), 0), kStart);
  EXPECT_TRUE(watch.idle());
}

TEST(AnswerWatch, CountsAnAnswerOnce) {
  AnswerWatch watch("camera/1", 2, 1'000, 10s);
  watch.sent(0, 1, kStart);
  EXPECT_TRUE(watch.answered(watch.key(0), 0));
  EXPECT_FALSE(watch.answered(watch.key(0), 0));
}

TEST(AnswerWatch, TakesNoAnswerToAnotherCapture) {
  AnswerWatch watch("camera/1", 2, 1'000, 10s);
  watch.sent(0, 1, kStart);
  EXPECT_FALSE(watch.answered("camera/11/0", 0));
  EXPECT_FALSE(watch.answered("camera/2/0", 0));
  EXPECT_FALSE(watch.answered("camera/1/0x", 0));
  EXPECT_FALSE(watch.answered("camera/1/", 0));
  EXPECT_FALSE(watch.answered("", 0));
  EXPECT_FALSE(watch.idle());
}

TEST(AnswerWatch, GoesByTheNumberWhereALabellerSendsNoKey) {
  AnswerWatch watch("camera/1", 2, 1'000, 10s);
  watch.sent(5, 1, kStart);
  EXPECT_FALSE(watch.answered({}, 4));
  EXPECT_TRUE(watch.answered({}, 5));
}

TEST(AnswerWatch, GivesUpWhatIsNeverAnswered) {
  AnswerWatch watch("camera/1", 3, 1'000, 10s);
  watch.sent(0, 1, kStart);
  watch.sent(1, 1, kStart + 1s);
  watch.sent(2, 1, kStart + 2s);
  EXPECT_TRUE(watch.answered(watch.key(1), 1));
  EXPECT_EQ(watch.give_up(kStart + 9s), 0);
  EXPECT_EQ(watch.give_up(kStart + 11s), 1);
  EXPECT_EQ(watch.give_up(kStart + 11s), 0);
  EXPECT_FALSE(watch.answered(watch.key(0), 0));
  EXPECT_TRUE(watch.answered(watch.key(2), 2));
  EXPECT_TRUE(watch.idle());
}

}  // namespace
}  // namespace image_messaging
