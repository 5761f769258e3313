#include "conveyor/media/video.h"

#include <arpa/inet.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <chrono>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <opencv2/core.hpp>
#include <opencv2/videoio.hpp>
#include <string>

#include "conveyor/testing/handler.h"
#include "conveyor/v1/image.pb.h"
#include "conveyor/v1/prediction.pb.h"
#include "conveyor/vision/hog.h"
#include "conveyor/vision/serve.h"
#include "vision/expect_error.h"

namespace conveyor::media {
namespace {

std::filesystem::path pedestrians() {
  if (const char* cache = std::getenv("CONVEYOR_CACHE")) return std::filesystem::path(cache) / "vtest.avi";
  if (const char* cache = std::getenv("XDG_CACHE_HOME")) return std::filesystem::path(cache) / "conveyor/vtest.avi";
  const char* home = std::getenv("HOME");
  return std::filesystem::path(home ? home : "") / ".cache/conveyor/vtest.avi";
}

class Video : public ::testing::Test {
 protected:
  Video() { std::filesystem::create_directories(folder_); }
  ~Video() override { std::filesystem::remove_all(folder_); }

  std::string file(const char* name) const { return (folder_ / name).string(); }

  /// Ten frames, ten a second, each brighter than the one before.
  std::string ten_frames() const {
    const std::string path = file("ten.avi");
    cv::VideoWriter writer(path, cv::VideoWriter::fourcc('M', 'J', 'P', 'G'), 10, {64, 48});
    for (int i = 0; i < 10; ++i) writer.write(cv::Mat(48, 64, CV_8UC3, cv::Scalar::all(20 * i)));
    return path;
  }

 private:
  std::filesystem::path folder_ =
      std::filesystem::temp_directory_path() / ("conveyor_video_test_" + std::to_string(::getpid()) + "_" +
                                                ::testing::UnitTest::GetInstance()->current_test_info()->name());
};

TEST_F(Video, ReadsEveryFrameWithItsNumberAndTime) {
  VideoSource video(ten_frames());
  EXPECT_EQ(video.width(), 64);
  EXPECT_EQ(video.height(), 48);
  EXPECT_DOUBLE_EQ(video.fps(), 10);
  EXPECT_EQ(video.frame_count(), 10);
  EXPECT_FALSE(video.is_live());
  VideoFrame frame;
  const unsigned char* memory = nullptr;
  for (int i = 0; i < 10; ++i) {
    ASSERT_TRUE(video.read(frame)) << i;
    EXPECT_EQ(frame.number, i);
    EXPECT_EQ(frame.time, std::chrono::milliseconds(100 * i));
    EXPECT_EQ(frame.pixels.type(), CV_8UC3);
    EXPECT_NEAR(cv::mean(frame.pixels)[0], 20 * i, 3);
    if (i > 0) {
      EXPECT_EQ(frame.pixels.data, memory);
    }
    memory = frame.pixels.data;
  }
  EXPECT_FALSE(video.read(frame));
  EXPECT_FALSE(video.read(frame));
}

TEST_F(Video, SaysWhyAFileCannotBeOpened) {
  EXPECT_ERROR(errc::invalid_config, "there is no such file", VideoSource(file("none.avi")));
  EXPECT_ERROR(errc::invalid_config, "it is not a file", VideoSource(std::filesystem::temp_directory_path().string()));
  EXPECT_ERROR(errc::invalid_config, "no source was given", VideoSource(std::string()));
  std::ofstream(file("empty.avi")).flush();
  EXPECT_ERROR(errc::invalid_config, "the file is empty", VideoSource(file("empty.avi")));
  std::ofstream(file("text.avi")) << "this is no video";
  EXPECT_ERROR(errc::invalid_config, "FFmpeg can read", VideoSource(file("text.avi")));
}

TEST_F(Video, SaysThatACameraIsNotThere) {
  EXPECT_ERROR(errc::invalid_config, "video \"987\" cannot be opened: there is no such camera", VideoSource("987"));
  EXPECT_ERROR(errc::invalid_config, "no such camera", VideoSource("/dev/video987"));
  EXPECT_ERROR(errc::invalid_config, "of that number", VideoSource("99999999999999"));
}

TEST_F(Video, SaysThatAStreamDoesNotAnswer) {
  const auto begin = std::chrono::steady_clock::now();
  EXPECT_ERROR(errc::invalid_config, "does not answer", VideoSource("http://127.0.0.1:1/stream"));
  EXPECT_LT(std::chrono::steady_clock::now() - begin, std::chrono::seconds(5));
}

TEST_F(Video, GivesUpAStreamThatIsSilent) {
  const int listener = ::socket(AF_INET, SOCK_STREAM, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof(address);
  ASSERT_EQ(::bind(listener, reinterpret_cast<sockaddr*>(&address), size), 0);
  ASSERT_EQ(::listen(listener, 1), 0);
  ASSERT_EQ(::getsockname(listener, reinterpret_cast<sockaddr*>(&address), &size), 0);
  const std::string url = "http://127.0.0.1:" + std::to_string(ntohs(address.sin_port)) + "/live";
  const auto begin = std::chrono::steady_clock::now();
  EXPECT_ERROR(errc::timed_out, "did not open within 300 ms",
               VideoSource(url, {.open_within = std::chrono::milliseconds(300)}));
  EXPECT_LT(std::chrono::steady_clock::now() - begin, std::chrono::seconds(5));
  ::close(listener);
}

TEST_F(Video, PeopleAreFoundInARealFrame) {
  if (!std::filesystem::exists(pedestrians())) GTEST_SKIP() << "cmake/setup.sh demo fetches " << pedestrians();
  VideoSource video(pedestrians().string());
  EXPECT_EQ(video.frame_count(), 795);
  VideoFrame frame;
  for (int i = 0; i <= 40; ++i) ASSERT_TRUE(video.read(frame));
  v1::Image image;
  vision::to_image(frame.pixels, image);
  image.set_frame(frame.number);

  vision::Predictor predict(vision::hog_people(), {.preprocess = "resize(1152,864)"});
  const v1::Prediction found = predict(testing::message(image));
  EXPECT_EQ(found.frame(), 40);
  ASSERT_GE(found.detections_size(), 3);
  EXPECT_EQ(found.object(0), "person");
  EXPECT_GT(found.timings().inference_us(), 0);
  for (const v1::Detection& one : found.detections()) {
    EXPECT_EQ(one.label(), "person");
    EXPECT_GE(one.score(), 0.5);
    EXPECT_GE(one.box().x(), 0);
    EXPECT_GE(one.box().y(), 0);
    EXPECT_LE(one.box().x() + one.box().width(), 768);
    EXPECT_LE(one.box().y() + one.box().height(), 576);
    EXPECT_GT(one.box().height(), one.box().width()) << "people stand";
  }

  // The same people, moved down by the letterbox and back by the way to the source.
  vision::Predictor boxed(vision::hog_people(), {.preprocess = "letterbox(1152,1000)"});
  const v1::Prediction again = boxed(testing::message(image));
  ASSERT_GE(again.detections_size(), 1);
  EXPECT_NEAR(again.detections(0).box().x(), found.detections(0).box().x(), 12);
  EXPECT_NEAR(again.detections(0).box().y(), found.detections(0).box().y(), 12);
}

}  // namespace
}  // namespace conveyor::media
