#include "cli/output/network_input_text.h"

#include <gtest/gtest.h>

#include <array>
#include <cmath>
#include <limits>
#include <opencv2/core.hpp>
#include <string>
#include <vector>

namespace conveyor::cli {
namespace {

using vision::ChannelOrder;
using vision::NetworkInput;

/// A tensor of 2 x 3 pixels whose channels are 0.1, 0.2, 0.3 but for one value of 1 in the last channel.
NetworkInput tensor(bool channels_last, int depth = CV_32F) {
  const std::array<int, 4> first = {1, 3, 2, 3}, last = {1, 2, 3, 3};
  cv::Mat values(4, (channels_last ? last : first).data(), CV_32F);
  for (int i = 0; i < 18; ++i) {
    const int channel = channels_last ? i % 3 : i / 6;
    values.ptr<float>()[i] = i == 17 ? 1 : 0.1F * static_cast<float>(channel + 1);
  }
  NetworkInput input{.name = "egg", .channels_last = channels_last, .order = ChannelOrder::kRgb};
  values.convertTo(input.tensor, depth);
  return input;
}

TEST(NetworkInputText, SaysShapeOrderTypeAndValues) {
  EXPECT_EQ(text_of(tensor(false), false),
            "  network    1 x 3 x 2 x 3 (N, C, H, W), R, G, B, float\n"
            "    R        min 0.1, mean 0.1, max 0.1\n"
            "    G        min 0.2, mean 0.2, max 0.2\n"
            "    B        min 0.3, mean 0.4167, max 1\n");
}

TEST(NetworkInputText, SaysWhereTheChannelsAreAndOfWhatType) {
  const std::string text = text_of(tensor(true, CV_16F), true);
  EXPECT_EQ(text.substr(0, text.find('\n')), "  network    egg: 1 x 2 x 3 x 3 (N, H, W, C), R, G, B, float16");
  EXPECT_NE(text.find("B        min 0.3, mean 0.4167, max 1\n"), text.npos) << text;
}

TEST(NetworkInputText, SaysThatTheRestOfAFixedBatchIsZeros) {
  NetworkInput input = tensor(false);
  input.batch = 4;
  EXPECT_EQ(text_of(input, false).substr(0, 66), "  network    4 x 3 x 2 x 3 (N, C, H, W; this image and 3 of zeros)");
}

TEST(NetworkInputText, OfAnImageSaysPixels) {
  NetworkInput input{.name = "hog", .tensor = cv::Mat(2, 3, CV_8UC3, cv::Scalar(1, 2, 3)), .order = ChannelOrder::kBgr};
  EXPECT_EQ(text_of(input, false),
            "  pixels     2 x 3 x 3 (H, W, C), B, G, R, uint8\n"
            "    B        min 1, mean 1, max 1\n"
            "    G        min 2, mean 2, max 2\n"
            "    R        min 3, mean 3, max 3\n");
  input.tensor = cv::Mat(2, 3, CV_16UC1, cv::Scalar(300));
  input.order = ChannelOrder::kAny;
  EXPECT_EQ(text_of(input, false),
            "  pixels     2 x 3 x 1 (H, W, C), gray, uint16\n"
            "    gray     min 300, mean 300, max 300\n");
  input.tensor = cv::Mat(2, 3, CV_8UC4, cv::Scalar(1, 2, 3, 255));
  EXPECT_EQ(channel_names(input), (std::vector<std::string>{"B", "G", "R", "A"}));
}

TEST(NetworkInputText, CountsValuesThatAreNotFiniteApart) {
  cv::Mat channel(1, 4, CV_32F, cv::Scalar(2));
  channel.at<float>(1) = std::numeric_limits<float>::quiet_NaN();
  channel.at<float>(2) = std::numeric_limits<float>::infinity();
  channel.at<float>(3) = 4;
  const ChannelStatistics found = statistics_of(channel);
  EXPECT_EQ(found.min, 2);
  EXPECT_EQ(found.mean, 3);
  EXPECT_EQ(found.max, 4);
  EXPECT_EQ(found.not_finite, 2U);
  const ChannelStatistics none = statistics_of(channel.colRange(1, 3));
  EXPECT_EQ(none.min, 0);
  EXPECT_EQ(none.not_finite, 2U);
  NetworkInput input = tensor(false);
  input.tensor.ptr<float>()[0] = std::nanf("");
  EXPECT_NE(text_of(input, false).find("R        min 0.1, mean 0.1, max 0.1, 1 not finite\n"), std::string::npos);
}

TEST(NetworkInputText, SaysThatAMeanIsZeroButForRounding) {
  NetworkInput input{.tensor = cv::Mat(1, 2, CV_32FC1)};
  input.tensor.at<float>(0) = -1;
  input.tensor.at<float>(1) = 1.0000002F;
  EXPECT_NE(text_of(input, false).find("min -1, mean 0, max 1\n"), std::string::npos) << text_of(input, false);
}

TEST(NetworkInputText, HasChannelsOfItsOwn) {
  const NetworkInput input = tensor(false);
  for (cv::Mat& channel : channels_of(input)) channel.setTo(9);
  EXPECT_FLOAT_EQ(input.tensor.ptr<float>()[0], 0.1F) << "the tensor stays as it is";
}

}  // namespace
}  // namespace conveyor::cli
