#include "vision/classify/non_maximum_suppression.h"

#include <gtest/gtest.h>

namespace conveyor::vision {
namespace {

TEST(Overlap, IsThePartOfTheUnionThatBoxesShare) {
  EXPECT_DOUBLE_EQ(overlap({0, 0, 10, 10}, {0, 0, 10, 10}), 1);
  EXPECT_DOUBLE_EQ(overlap({0, 0, 10, 10}, {5, 0, 10, 10}), 1.0 / 3);
  EXPECT_DOUBLE_EQ(overlap({0, 0, 10, 10}, {2, 2, 5, 2}), 0.1);
  EXPECT_DOUBLE_EQ(overlap({0, 0, 10, 10}, {10, 0, 10, 10}), 0);
  EXPECT_DOUBLE_EQ(overlap({0, 0, 10, 10}, {20, 20, 10, 10}), 0) << "two gaps are no area";
  EXPECT_DOUBLE_EQ(overlap({0, 0, 0, 0}, {0, 0, 0, 0}), 0);
}

TEST(Suppress, KeepsTheSurestOfEachNameInOrder) {
  std::vector<Detection> found{{{"cat", 0.5}, {0, 0, 10, 10}},
                               {{"cat", 0.9}, {1, 0, 10, 10}},
                               {{"dog", 0.7}, {1, 0, 10, 10}},
                               {{"cat", 0.6}, {50, 0, 10, 10}}};
  suppress(found, 0.5, 10);
  ASSERT_EQ(found.size(), 3U);
  EXPECT_EQ(found[0].label.score, 0.9);
  EXPECT_EQ(found[1].label.name, "dog");
  EXPECT_EQ(found[2].label.score, 0.6);
  suppress(found, 0.5, 1);
  ASSERT_EQ(found.size(), 1U);
  EXPECT_EQ(found[0].label.score, 0.9);
}

}  // namespace
}  // namespace conveyor::vision
