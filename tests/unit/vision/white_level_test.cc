#include "vision/image/white_level.h"

#include <gtest/gtest.h>

namespace conveyor::vision {
namespace {

TEST(WhiteLevel, IsTheSameWhereAFactorWasRounded) {
  EXPECT_TRUE(same_white(256, 255));
  EXPECT_TRUE(same_white(1 / 0.00392, 255));
  EXPECT_FALSE(same_white(257, 255));
  EXPECT_FALSE(same_white(1, 255));
}

TEST(WhiteLevel, FollowsFromAFactorThatBringsItToOneOrTwo) {
  EXPECT_EQ(white_of_factor(1.0 / 255), 255);
  EXPECT_EQ(white_of_factor(2.0 / 255), 255) << "-1 to 1, with a mean of 1";
  EXPECT_EQ(white_of_factor(1.0 / 4095), 4095);
  EXPECT_EQ(white_of_factor(1.0 / 65535), 65535);
  EXPECT_EQ(white_of_factor(1), 0) << "it fits none";
}

TEST(WhiteLevel, FollowsFromMeanAndDeviation) {
  EXPECT_EQ(white_of_mean({0.485, 0.456, 0.406}, {0.229, 0.224, 0.225}, true), 1) << "ImageNet's, of 0 to 1";
  EXPECT_EQ(white_of_mean({123.7, 116.3, 103.5}, {58.4, 57.1, 57.4}, true), 255) << "ImageNet's, of 8 bit";
  EXPECT_EQ(white_of_mean({127.5, 127.5, 127.5}, {127.5, 127.5, 127.5}, false), 255) << "-1 to 1";
  EXPECT_EQ(white_of_mean({2048, 2048, 2048}, {2048, 2048, 2048}, false), 4095);
  EXPECT_EQ(white_of_mean({300, 300, 300}, {50, 50, 50}, false), 0) << "it cannot be told";
}

TEST(WhiteLevel, NumbersSuitPixelsOfTheirRangeAlone) {
  EXPECT_TRUE(are_numbers_for(255, PixelRange::levels(255)));
  EXPECT_FALSE(are_numbers_for(255, PixelRange::levels(65535)));
  EXPECT_FALSE(are_numbers_for(1, PixelRange::levels(255)));
  EXPECT_FALSE(are_numbers_for(1, PixelRange::normalized()));
  EXPECT_TRUE(are_numbers_for(0, PixelRange::levels(65535))) << "numbers for any pixels";
  EXPECT_TRUE(are_numbers_for(255, PixelRange::unknown())) << "nobody can say that they do not suit";
}

}  // namespace
}  // namespace conveyor::vision
