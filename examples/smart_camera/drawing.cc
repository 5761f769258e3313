#include "drawing.h"

#include <array>
#include <cstdio>
#include <opencv2/imgproc.hpp>
#include <string>

#include "conveyor/media/image_codec.h"
#include "people.h"

namespace smart_camera {
namespace {

const cv::Scalar kPersonColor(60, 220, 60);
const cv::Scalar kObjectColor(220, 160, 40);
const cv::Scalar kInk(255, 255, 255);

void write_on(cv::Mat& picture, const std::string& text, cv::Point bottom_left, double scale,
              const cv::Scalar& background) {
  int base = 0;
  const cv::Size size = cv::getTextSize(text, cv::FONT_HERSHEY_SIMPLEX, scale, 1, &base);
  cv::rectangle(picture, bottom_left + cv::Point(-2, base), bottom_left + cv::Point(size.width + 2, -size.height - 3),
                background, cv::FILLED);
  cv::putText(picture, text, bottom_left, cv::FONT_HERSHEY_SIMPLEX, scale, kInk, 1, cv::LINE_AA);
}

}  // namespace

cv::Mat annotated(const conveyor::v1::ProcessedImage& processed) {
  cv::Mat buffer;
  const cv::Mat pixels = conveyor::media::decode(processed.image(), buffer);
  cv::Mat picture;
  if (pixels.channels() == 1) {
    cv::cvtColor(pixels, picture, cv::COLOR_GRAY2BGR);
  } else {
    picture = pixels.clone();
  }
  for (const auto& detection : processed.prediction().detections()) {
    const auto& box = detection.box();
    const cv::Rect rect(cv::Rect2f(box.x(), box.y(), box.width(), box.height()));
    const cv::Scalar& color = detection.label() == "person" ? kPersonColor : kObjectColor;
    cv::rectangle(picture, rect, color, 2, cv::LINE_AA);
    std::array<char, 64> label{};
    std::snprintf(label.data(), label.size(), "%.40s %.2f", detection.label().c_str(),
                  static_cast<double>(detection.score()));
    write_on(picture, label.data(), rect.tl() + cv::Point(2, -4), 0.45, color * 0.5);
  }
  const int people = people_in(processed);
  const std::string caption = "frame " + std::to_string(processed.image().frame()) + ": " + std::to_string(people) +
                              (people == 1 ? " person" : " people");
  write_on(picture, caption, {8, picture.rows - 12}, 0.6, {0, 0, 0});
  return picture;
}

cv::Mat contact_sheet(std::span<const cv::Mat> pictures, int columns) {
  if (pictures.empty()) return {};
  constexpr int kGap = 4;
  const cv::Size tile = pictures[0].size();
  const int count = static_cast<int>(pictures.size());
  const int rows = (count + columns - 1) / columns;
  cv::Mat sheet(rows * (tile.height + kGap) + kGap, columns * (tile.width + kGap) + kGap, CV_8UC3, cv::Scalar::all(32));
  for (int i = 0; i < count; ++i) {
    const cv::Point corner(kGap + i % columns * (tile.width + kGap), kGap + i / columns * (tile.height + kGap));
    cv::Mat place = sheet(cv::Rect(corner, tile));
    cv::resize(pictures[static_cast<std::size_t>(i)], place, tile, 0, 0, cv::INTER_AREA);
  }
  return sheet;
}

}  // namespace smart_camera
