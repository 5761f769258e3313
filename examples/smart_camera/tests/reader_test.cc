// Where frames come from: files as fast as they are wanted or at their pace, and a camera that goes and comes back.

#include <gtest/gtest.h>
#include <unistd.h>

#include <chrono>
#include <filesystem>
#include <opencv2/core.hpp>
#include <opencv2/imgcodecs.hpp>
#include <opencv2/videoio.hpp>
#include <set>
#include <string>

#include "conveyor/error.h"
#include "frame_reader.h"
#include "stream_server.h"

namespace smart_camera::tests {
namespace {

using namespace std::chrono_literals;
using conveyor::media::VideoFrame;
using Got = FrameReader::Got;

/// A video of ten frames, 25 a second.
class Reader : public ::testing::Test {
 protected:
  Reader() {
    cv::VideoWriter writer(file_, cv::CAP_OPENCV_MJPEG, cv::VideoWriter::fourcc('M', 'J', 'P', 'G'), 25, {64, 48});
    for (int i = 0; i < 10; ++i) writer.write(cv::Mat(48, 64, CV_8UC3, cv::Scalar::all(20 * i)));
  }
  ~Reader() override { std::filesystem::remove(file_); }

  std::string file_ =
      std::filesystem::temp_directory_path() / ("smart_camera_reader." + std::to_string(getpid()) + ".avi");
  std::stop_source stop_;
  VideoFrame frame_;
};

TEST_F(Reader, GivesAFileAsFastAsItIsWanted) {
  FrameReader reader({.source = file_});
  EXPECT_FALSE(reader.live());
  for (int i = 0; i < 10; ++i) ASSERT_EQ(reader.read(frame_, stop_.get_token()), Got::kFrame) << i;
  EXPECT_EQ(reader.read(frame_, stop_.get_token()), Got::kEnd);
  EXPECT_EQ(reader.missing() + reader.undecoded(), 0);
}

TEST_F(Reader, GivesEveryThirdFrame) {
  FrameReader reader({.source = file_, .every = 3});
  for (const int number : {0, 3, 6, 9}) {
    ASSERT_EQ(reader.read(frame_, stop_.get_token()), Got::kFrame);
    EXPECT_EQ(frame_.number, number);
  }
  EXPECT_EQ(reader.read(frame_, stop_.get_token()), Got::kEnd);
}

TEST_F(Reader, PlaysALiveFileAtItsPace) {
  FrameReader reader({.source = file_, .live = true, .fps = 50});
  EXPECT_TRUE(reader.live());
  const auto start = std::chrono::steady_clock::now();
  int frames = 0;
  for (Got got{}; (got = reader.read(frame_, stop_.get_token())) != Got::kEnd;) frames += got == Got::kFrame ? 1 : 0;
  EXPECT_GE(std::chrono::steady_clock::now() - start, 9 * 20ms - 1ms);
  EXPECT_GE(frames, 1);
  EXPECT_LE(frames, 10);
}

TEST_F(Reader, PlaysAFileAgainAndAgain) {
  FrameReader reader({.source = file_, .loop = true});
  for (int i = 0; i < 35; ++i) {
    ASSERT_EQ(reader.read(frame_, stop_.get_token()), Got::kFrame) << i;
    EXPECT_EQ(frame_.number, i % 10);
  }
}

TEST_F(Reader, EndsWhenItIsStopped) {
  FrameReader reader({.source = file_, .live = true, .fps = 0.001});
  ASSERT_EQ(reader.read(frame_, stop_.get_token()), Got::kFrame);
  std::thread stopper([this] { stop_.request_stop(); });
  EXPECT_EQ(reader.read(frame_, stop_.get_token()), Got::kEnd);
  stopper.join();
}

TEST_F(Reader, RefusesASourceThatIsNotThere) {
  EXPECT_THROW(FrameReader({.source = "/nowhere/video.avi"}), conveyor::Error);
  EXPECT_THROW(FrameReader({.source = "http://127.0.0.1:1/live.mjpeg"}), conveyor::Error);
}

TEST_F(Reader, WaitsForACameraThatIsPulledAndSaysSo) {
  std::vector<unsigned char> jpeg;
  cv::Mat noise(240, 320, CV_8UC3);
  cv::randu(noise, 0, 255);
  cv::imencode(".jpg", noise, jpeg);
  StreamServer camera({std::string(jpeg.begin(), jpeg.end())});
  FrameReader reader({.source = camera.url(), .away_after = 500ms});
  EXPECT_TRUE(reader.live());
  for (int i = 0; i < 5; ++i) ASSERT_EQ(reader.read(frame_, stop_.get_token()), Got::kFrame) << i << reader.why();
  EXPECT_EQ(reader.why(), "");

  camera.pull();
  Got got = Got::kFrame;
  for (int i = 0; i < 1'000 && got == Got::kFrame; ++i) got = reader.read(frame_, stop_.get_token());
  ASSERT_EQ(got, Got::kAway);
  EXPECT_NE(reader.why().find(camera.url()), std::string::npos) << reader.why();
  EXPECT_EQ(reader.read(frame_, stop_.get_token()), Got::kAway);  // for as long as it takes

  camera.plug_in();
  for (int i = 0; i < 20 && got != Got::kFrame; ++i) got = reader.read(frame_, stop_.get_token());
  EXPECT_EQ(got, Got::kFrame);
  EXPECT_GE(reader.reconnects(), 1);
  EXPECT_EQ(reader.why(), "");
}

}  // namespace
}  // namespace smart_camera::tests
