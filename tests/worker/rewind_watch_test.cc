#include "worker/rewind_watch.h"

#include <gtest/gtest.h>

namespace conveyor::worker {
namespace {

using namespace std::chrono_literals;
using Verdict = RewindWatch::Verdict;

constexpr auto kBelieveAfter = 30s;
constexpr RewindWatch::Clock::time_point kStart{};

TEST(RewindWatch, GoesOnWhereItWasWhileTheLogIsLongEnough) {
  RewindWatch watch(kBelieveAfter);
  EXPECT_TRUE(watch.must_look(kStart));
  EXPECT_EQ(watch.rewound(100, 100, kStart), Verdict::kSeekBack);
  EXPECT_EQ(watch.rewound(100, 5'000, kStart + 60s), Verdict::kSeekBack);
  EXPECT_FALSE(watch.doubts());
}

TEST(RewindWatch, GoesOnWhereItWasWhileNobodyTells) {
  RewindWatch watch(kBelieveAfter);
  for (auto now = kStart; now < kStart + 120s; now += 1s) EXPECT_EQ(watch.rewound(100, {}, now), Verdict::kSeekBack);
}

TEST(RewindWatch, LooksOnceAWhile) {
  RewindWatch watch(kBelieveAfter);
  EXPECT_EQ(watch.rewound(100, 100, kStart), Verdict::kSeekBack);
  EXPECT_FALSE(watch.must_look(kStart + 499ms));
  EXPECT_TRUE(watch.must_look(kStart + 500ms));
}

TEST(RewindWatch, BelievesThatALogIsShorterAfterAWhile) {
  RewindWatch watch(kBelieveAfter);
  for (auto now = kStart; now < kStart + kBelieveAfter; now += 1s) {
    EXPECT_EQ(watch.rewound(100, 99, now), Verdict::kSeekBack);
    EXPECT_TRUE(watch.doubts());
  }
  EXPECT_EQ(watch.rewound(100, 99, kStart + kBelieveAfter), Verdict::kStartOver);
}

TEST(RewindWatch, BelievesABrokerThatLaggedBehindNoMore) {
  RewindWatch watch(kBelieveAfter);
  EXPECT_EQ(watch.rewound(100, 40, kStart), Verdict::kSeekBack);
  EXPECT_EQ(watch.rewound(100, 100, kStart + 20s), Verdict::kSeekBack);
  EXPECT_EQ(watch.rewound(100, 40, kStart + 40s), Verdict::kSeekBack);
  EXPECT_EQ(watch.rewound(100, 40, kStart + 70s), Verdict::kStartOver);
}

TEST(RewindWatch, ForgetsWhatWasSaidOnceTheLogGoesOn) {
  RewindWatch watch(kBelieveAfter);
  EXPECT_EQ(watch.rewound(100, 40, kStart), Verdict::kSeekBack);
  watch.went_on();
  EXPECT_FALSE(watch.doubts());
  EXPECT_EQ(watch.rewound(101, 40, kStart + 40s), Verdict::kSeekBack);
}

TEST(RewindWatch, AnUnansweredQuestionEndsNoDoubt) {
  RewindWatch watch(kBelieveAfter);
  EXPECT_EQ(watch.rewound(100, 40, kStart), Verdict::kSeekBack);
  EXPECT_EQ(watch.rewound(100, {}, kStart + 20s), Verdict::kSeekBack);
  EXPECT_EQ(watch.rewound(100, 40, kStart + 30s), Verdict::kStartOver);
}

}  // namespace
}  // namespace conveyor::worker
