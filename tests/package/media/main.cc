// JPEG, PNG and video.
#include <conveyor/error.h>
#include <conveyor/media/image_codec.h>
#include <conveyor/media/video.h>
#include <conveyor/v1/image.pb.h>

#include <cstdio>
#include <cstdlib>
#include <opencv2/core.hpp>

namespace {

void expect(bool good, const char* what) {
  if (good) return;
  std::fprintf(stderr, "FAILED: %s\n", what);
  std::exit(1);
}

}  // namespace

int main() {
  const cv::Mat pixels(48, 64, CV_8UC3, cv::Scalar(10, 20, 30));
  cv::Mat buffer;
  conveyor::v1::Image png;
  conveyor::media::to_png(pixels, png);
  expect(cv::norm(conveyor::media::decode(png, buffer), pixels, cv::NORM_INF) == 0, "PNG loses nothing");
  conveyor::v1::Image jpeg;
  conveyor::media::to_jpeg(pixels, jpeg);
  expect(conveyor::media::decode(jpeg, buffer).cols == 64, "JPEG");
  try {
    conveyor::media::VideoSource video{"/no/such/video.avi"};
    expect(false, "a video that is not there is refused");
  } catch (const conveyor::Error& error) {
    expect(error.code() == conveyor::errc::invalid_config, "an Error thrown in the library is caught outside");
  }
  std::puts("media: all used");
}
