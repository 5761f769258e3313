#include "conveyor/media/video.h"

#include <arpa/inet.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <opencv2/core.hpp>
#include <opencv2/imgcodecs.hpp>
#include <opencv2/videoio.hpp>
#include <stop_token>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "conveyor/testing/handler.h"
#include "conveyor/v1/image.pb.h"
#include "conveyor/v1/prediction.pb.h"
#include "conveyor/vision/hog.h"
#include "conveyor/vision/serve.h"
#include "unit/vision/expect_error.h"

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

/// A file's bytes, and where the data of its frames lies: begin and size.
struct Avi {
  explicit Avi(const std::string& path) {
    std::ifstream in(path, std::ios::binary);
    bytes.assign(std::istreambuf_iterator<char>(in), {});
    for (std::size_t at = 0; (at = bytes.find("00dc", at)) != bytes.npos; at += 4) {
      std::uint32_t size = 0;
      std::memcpy(&size, bytes.data() + at + 4, sizeof(size));
      if (bytes.compare(at + 8, 2, "\xff\xd8") == 0) frames.emplace_back(at + 8, size);
    }
  }
  Avi& break_frame(std::size_t index) {
    bytes.replace(frames[index].first, frames[index].second, frames[index].second, '\0');
    return *this;
  }
  /// As a recorder writes one that it missed.
  Avi& empty_frame(std::size_t index) {
    const auto [data, size] = frames[index];
    const auto put = [&](std::size_t at, std::uint32_t value) {
      std::memcpy(bytes.data() + at, &value, sizeof(value));
    };
    put(data - 4, 0);
    bytes.replace(data, 4, "JUNK");
    put(data + 4, size - 8);
    put(bytes.rfind("idx1") + 8 + 16 * index + 12, 0);
    return *this;
  }
  Avi& cut_in_frame(std::size_t index) {
    bytes.resize(frames[index].first + frames[index].second / 2);
    return *this;
  }
  std::string write(const std::string& path) const {
    std::ofstream(path, std::ios::binary) << bytes;
    return path;
  }

  std::string bytes;
  std::vector<std::pair<std::size_t, std::uint32_t>> frames;
};

std::vector<std::int64_t> numbers_of(VideoSource& video) {
  std::vector<std::int64_t> numbers;
  for (VideoFrame frame; video.read(frame);) {
    numbers.push_back(frame.number);
    EXPECT_EQ(frame.time, std::chrono::milliseconds(100 * frame.number)) << frame.number;
    EXPECT_NEAR(cv::mean(frame.pixels)[0], 20 * static_cast<int>(frame.number), 3) << frame.number;
  }
  return numbers;
}

using Numbers = std::vector<std::int64_t>;

TEST_F(Video, PassesOverAFrameThatCannotBeDecodedAndCountsIt) {
  VideoSource video(Avi(ten_frames()).break_frame(4).write(file("broken.avi")));
  EXPECT_EQ(numbers_of(video), (Numbers{0, 1, 2, 3, 5, 6, 7, 8, 9}));
  EXPECT_EQ(video.undecoded_frames(), 1);
  EXPECT_EQ(video.missing_frames(), 0);
}

TEST_F(Video, PassesOverSeveralBrokenFramesAndTheFirst) {
  VideoSource video(Avi(ten_frames()).break_frame(0).break_frame(4).break_frame(5).write(file("broken.avi")));
  EXPECT_EQ(numbers_of(video), (Numbers{1, 2, 3, 6, 7, 8, 9}));
  EXPECT_EQ(video.undecoded_frames(), 3);
  EXPECT_EQ(video.missing_frames(), 0);
}

TEST_F(Video, SaysHowManyFramesOfAFileAreMissing) {
  VideoSource whole(ten_frames());
  EXPECT_EQ(numbers_of(whole).size(), 10U);
  EXPECT_EQ(whole.undecoded_frames() + whole.missing_frames(), 0);

  VideoSource cut(Avi(ten_frames()).cut_in_frame(5).write(file("cut.avi")));
  EXPECT_EQ(cut.frame_count(), 10);
  EXPECT_EQ(numbers_of(cut), (Numbers{0, 1, 2, 3, 4}));
  EXPECT_EQ(cut.missing_frames(), 5);

  VideoSource last(Avi(ten_frames()).break_frame(9).write(file("last.avi")));
  EXPECT_EQ(numbers_of(last).size(), 9U);
  EXPECT_EQ(last.missing_frames(), 1) << "nothing shows whether it is broken or not there";
}

TEST_F(Video, MissesNoFrameThatARecorderLeftEmpty) {
  VideoSource video(Avi(ten_frames()).empty_frame(4).empty_frame(5).write(file("empty.avi")));
  EXPECT_EQ(video.frame_count(), 8);
  std::vector<std::chrono::milliseconds> times;
  for (VideoFrame frame; video.read(frame);) times.push_back(duration_cast<std::chrono::milliseconds>(frame.time));
  EXPECT_EQ(times.size(), 8U);
  EXPECT_TRUE(std::ranges::is_sorted(times));
  EXPECT_EQ(video.missing_frames(), 0);
}

// Trimmed by a tool that did not encode it anew: the first part of the file alone is shown.
TEST_F(Video, MissesNoFrameThatWasTrimmedAway) {
  cv::VideoWriter writer(file("whole.mp4"), cv::CAP_FFMPEG, cv::VideoWriter::fourcc('m', 'p', '4', 'v'), 10, {64, 48});
  for (int i = 0; i < 40; ++i) writer.write(cv::Mat(48, 64, CV_8UC3, cv::Scalar::all(5 * i)));
  writer.release();
  VideoSource whole(file("whole.mp4"));
  EXPECT_EQ(whole.frame_count(), 40);

  std::ifstream in(file("whole.mp4"), std::ios::binary);
  std::string bytes(std::istreambuf_iterator<char>(in), {});
  const std::size_t scale = bytes.find("mvhd") + 16, edit = bytes.find("elst") + 12;
  ASSERT_EQ(bytes.substr(scale, 4), std::string("\x00\x00\x03\xe8", 4)) << "a thousand a second";
  bytes.replace(edit, 4, std::string("\x00\x00\x03\xe8", 4));
  std::ofstream(file("trimmed.mp4"), std::ios::binary) << bytes;
  VideoSource trimmed(file("trimmed.mp4"));
  EXPECT_EQ(trimmed.frame_count(), 10);
  int shown = 0;
  for (VideoFrame frame; trimmed.read(frame);) ++shown;
  EXPECT_NEAR(shown, 10, 1);
  EXPECT_EQ(trimmed.missing_frames(), 0);
}

TEST_F(Video, GivesTimesThatRiseToTheLastFrame) {
  // H.264, whose decoder holds frames back and gives the last ones without a position.
  for (const auto& [name, codec] : {std::pair{"b.mp4", cv::VideoWriter::fourcc('a', 'v', 'c', '1')},
                                    std::pair{"b.mkv", cv::VideoWriter::fourcc('H', '2', '6', '4')}}) {
    cv::VideoWriter writer(file(name), cv::CAP_FFMPEG, codec, 10, {160, 120});
    if (!writer.isOpened()) GTEST_SKIP() << "this OpenCV's FFmpeg writes no H.264";
    for (int i = 0; i < 30; ++i) {
      cv::Mat pixels(120, 160, CV_8UC3, cv::Scalar::all(20 * (i % 10)));
      pixels(cv::Rect((i * 5) % 136, 10, 20, 20)).setTo(cv::Scalar(0, 0, 255));
      writer.write(pixels);
    }
    writer.release();
    VideoSource video(file(name));
    std::int64_t number = 0;
    for (VideoFrame frame; video.read(frame); ++number) {
      EXPECT_EQ(frame.number, number) << name;
      EXPECT_EQ(frame.time, std::chrono::milliseconds(100 * number)) << name;
    }
    EXPECT_EQ(number, 30) << name;
    EXPECT_EQ(video.missing_frames(), 0) << name;
  }
}

/// Serves a stream of JPEGs over HTTP, so many each time that somebody connects, and closes the connection; behind the
/// last time nobody listens any more.
class StreamServer {
 public:
  StreamServer(std::string frames, int times) : frames_(std::move(frames)) {
    listener_ = ::socket(AF_INET, SOCK_STREAM, 0);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof(address);
    ::bind(listener_, reinterpret_cast<sockaddr*>(&address), size);
    ::listen(listener_, 1);
    ::getsockname(listener_, reinterpret_cast<sockaddr*>(&address), &size);
    port_ = ntohs(address.sin_port);
    thread_ = std::thread([this, times] {
      for (int i = 0; i < times; ++i) serve();
      ::shutdown(listener_, SHUT_RDWR);
    });
  }
  ~StreamServer() {
    ::shutdown(listener_, SHUT_RDWR);
    thread_.join();
    ::close(listener_);
  }
  std::string url() const { return "http://user:secret@127.0.0.1:" + std::to_string(port_) + "/live.mjpeg"; }

 private:
  void serve() const {
    const int connection = ::accept(listener_, nullptr, nullptr);
    if (connection < 0) return;
    char request[4096];
    (void)!::read(connection, request, sizeof(request));
    const std::string all = "HTTP/1.0 200 OK\r\nContent-Type: video/x-motion-jpeg\r\n\r\n" + frames_;
    for (std::size_t sent = 0; sent < all.size();) {
      const ssize_t now = ::send(connection, all.data() + sent, all.size() - sent, MSG_NOSIGNAL);
      if (now <= 0) break;
      sent += static_cast<std::size_t>(now);
    }
    ::close(connection);
  }

  std::string frames_;
  int listener_ = -1;
  int port_ = 0;
  std::thread thread_;
};

std::string jpegs(int count) {
  std::string all;
  cv::Mat noise(240, 320, CV_8UC3);
  for (int i = 0; i < count; ++i) {
    cv::randu(noise, 0, 255);
    std::vector<unsigned char> jpeg;
    cv::imencode(".jpg", noise, jpeg);
    all.append(jpeg.begin(), jpeg.end());
  }
  return all;
}

TEST_F(Video, OpensALiveStreamAgainThatBrokeOffAndSaysWhenItStaysAway) {
  const StreamServer server(jpegs(30), 2);
  VideoSource video(server.url(), {.reconnect_timeout = std::chrono::seconds(2)});
  EXPECT_TRUE(video.is_live());
  VideoFrame frame;
  std::chrono::microseconds last{-1};
  const auto read_all = [&] {
    for (std::int64_t number = 0; video.read(frame); ++number) {
      EXPECT_EQ(frame.number, number);
      EXPECT_GT(frame.time, last);
      last = frame.time;
    }
  };
  EXPECT_ERROR(errc::timed_out, "broke off before frame 60: video", read_all());
  EXPECT_EQ(frame.number, 59) << "the frames of both connections";
  EXPECT_EQ(video.reconnects(), 1);
  EXPECT_ERROR(errc::timed_out, "VideoOptions::reconnect_timeout allows more time", (void)video.read(frame));
}

TEST_F(Video, ThrowsAtOnceWhereALiveStreamShallNotBeOpenedAgain) {
  const StreamServer server(jpegs(30), 1);
  VideoSource video(server.url(), {.reconnect_timeout = std::chrono::milliseconds(0)});
  VideoFrame frame;
  for (int i = 0; i < 30; ++i) ASSERT_TRUE(video.read(frame)) << i;
  try {
    (void)video.read(frame);
    ADD_FAILURE() << "the end of a live stream is no end";
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), errc::timed_out);
    EXPECT_EQ(std::string(error.what()).find("secret"), std::string::npos) << error.what();
  }
}

TEST_F(Video, StopsReconnectingWhenAsked) {
  const StreamServer server(jpegs(30), 1);
  std::stop_source stop;
  VideoSource video(server.url(), {.reconnect_timeout = std::chrono::hours(1), .stop = stop.get_token()});
  VideoFrame frame;
  for (int i = 0; i < 30; ++i) ASSERT_TRUE(video.read(frame)) << i;
  stop.request_stop();
  EXPECT_FALSE(video.read(frame));
}

TEST_F(Video, ShowsNoCredentials) {
  EXPECT_EQ(without_credentials("rtsp://user:secret@camera.local:554/live"), "rtsp://camera.local:554/live");
  EXPECT_EQ(without_credentials("rtsp://user:se@cret@camera.local"), "rtsp://camera.local");
  EXPECT_EQ(without_credentials("http://camera.local/a@b"), "http://camera.local/a@b");
  EXPECT_EQ(without_credentials("folder/a@b.avi"), "folder/a@b.avi");
  EXPECT_EQ(without_credentials("0"), "0");
  EXPECT_ERROR(errc::invalid_config, "\"http://127.0.0.1:1/stream\"",
               VideoSource("http://user:secret@127.0.0.1:1/stream"));
}

TEST_F(Video, SaysWhyAFileCannotBeOpened) {
  EXPECT_ERROR(errc::invalid_config, "there is no such file", VideoSource(file("none.avi")));
  EXPECT_ERROR(errc::invalid_config, "it is not a file", VideoSource(std::filesystem::temp_directory_path().string()));
  EXPECT_ERROR(errc::invalid_config, "no source was given", VideoSource(""));
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
               VideoSource(url, {.open_timeout = std::chrono::milliseconds(300)}));
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
