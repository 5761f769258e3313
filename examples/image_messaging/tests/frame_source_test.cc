#include "frame_source.h"

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <opencv2/imgcodecs.hpp>
#include <string>
#include <vector>

#include "conveyor/error.h"
#include "support/kafka_cluster/temporary_folder.h"

namespace image_messaging {
namespace {

class Pictures : public ::testing::Test {
 protected:
  /// A picture of one gray value.
  void write(const std::string& name, int value) {
    cv::imwrite((folder_.path() / name).string(), cv::Mat(4, 6, CV_8UC3, cv::Scalar::all(value)));
  }
  /// The gray values of the next frames, until there are so many or the source ends.
  static std::vector<int> values(FrameSource& source, std::size_t most) {
    std::vector<int> result;
    for (cv::Mat pixels; result.size() < most && source.read(pixels);) result.push_back(pixels.at<cv::Vec3b>(0, 0)[0]);
    return result;
  }

  conveyor::tests::TemporaryFolder folder_{"frame_source_test"};
};

TEST_F(Pictures, AreShownInTheOrderOfTheirNamesEachForSomeFrames) {
  write("b.png", 20);
  write("a.png", 10);
  const auto source = open_source({.source = folder_.path(), .hold = 2});
  EXPECT_EQ(values(*source, 100), (std::vector{10, 10, 20, 20}));
  EXPECT_FALSE(source->live());
  EXPECT_EQ(source->unreadable(), 0);
}

TEST_F(Pictures, BeginAgainInALoop) {
  write("a.png", 10);
  write("b.png", 20);
  const auto source = open_source({.source = folder_.path(), .loop = true, .hold = 1});
  EXPECT_EQ(values(*source, 5), (std::vector{10, 20, 10, 20, 10}));
}

TEST_F(Pictures, PassOverWhatCannotBeReadAndCountIt) {
  write("a.png", 10);
  std::ofstream(folder_.path() / "b.jpg") << "no picture";
  std::ofstream(folder_.path() / "notes.txt") << "no picture either, but none that claims to be";
  write("c.png", 30);
  const auto source = open_source({.source = folder_.path(), .hold = 1});
  EXPECT_EQ(values(*source, 100), (std::vector{10, 30}));
  EXPECT_EQ(source->unreadable(), 1);
}

TEST_F(Pictures, MustBeThere) {
  try {
    static_cast<void>(open_source({.source = folder_.path()}));
    FAIL() << "an empty folder was taken";
  } catch (const conveyor::Error& error) {
    EXPECT_EQ(error.code(), conveyor::errc::invalid_config);
    EXPECT_NE(std::string(error.what()).find(folder_.path().string()), std::string::npos) << error.what();
  }
}

TEST_F(Pictures, EndWhenTheStopIsRequested) {
  write("a.png", 10);
  std::stop_source stop;
  const auto source = open_source({.source = folder_.path(), .loop = true, .hold = 1, .stop = stop.get_token()});
  EXPECT_EQ(values(*source, 2).size(), 2U);
  stop.request_stop();
  EXPECT_EQ(values(*source, 2).size(), 0U);
}

}  // namespace
}  // namespace image_messaging
